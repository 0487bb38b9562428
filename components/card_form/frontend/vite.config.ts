import { defineConfig } from "vite";

// An application build, not a library build: Vite leaves the white space of ES libraries in.
// The hash in the names lets browsers keep the files for ever. One module and one style sheet:
// Streamlit resolves exactly one `index-*.js` and one `index-*.css`.
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
