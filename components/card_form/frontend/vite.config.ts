import { defineConfig } from "vite";

// An application build, because Vite does not minify the white space of ES libraries. The hash in
// the names lets browsers cache the files for ever. There is one module and one style sheet,
// because Streamlit accepts exactly one `index-*.js` and one `index-*.css`.
export default defineConfig({
  esbuild: { jsx: "automatic", legalComments: "none" },
  build: {
    outDir: "../build",
    emptyOutDir: true,
    target: "es2020",
    modulePreload: false,
    rollupOptions: {
      input: { index: "src/index.tsx" },
      preserveEntrySignatures: "strict",
      output: {
        format: "es",
        entryFileNames: "index-[hash].js",
        assetFileNames: "index-[hash][extname]",
        inlineDynamicImports: true,
      },
    },
  },
});
