// Prints a JSON Schema of the objects that the sandbox serves, made from the types of npm `stripe`,
// which are generated from the description of the API itself.
//
// `node generate.cjs NODE_MODULES`: the folder of an installation of `stripe` and `typescript`.
// Strict: unknown fields are forbidden, enumerations closed, everything is required that the types
// do not mark as optional. A number is an integer, unless it is one of DECIMALS.
//
// "expands" beside a field names the objects that `expand` puts in the place of the id.

const fs = require("node:fs");
const path = require("node:path");
const installed = path.resolve(process.argv[2]);
const ts = require(path.join(installed, "typescript"));

// The objects that the sandbox serves. In a field where Stripe would have another one there can
// only be its id, or null.
const SERVED = [
  "Account", "Balance", "BalanceTransaction", "Charge", "Checkout.Session", "Customer",
  "DeletedCustomer", "Dispute", "EventBase", "InvoicePayment", "LineItem", "PaymentIntent",
  "PaymentIntentAmountDetailsLineItem", "PaymentMethod", "Payout", "Price",
  "Product", "Radar.EarlyFraudWarning", "Refund", "SetupIntent", "WebhookEndpoint",
];
// The payment methods that the sandbox knows. Fields named after another one are left out.
const METHODS = new Set(["card", "link", "us_bank_account", "sepa_debit", "card_present"]);
const DECIMALS = new Set(["exchange_rate"]);

const { version } = JSON.parse(fs.readFileSync(path.join(installed, "stripe", "package.json")));
const resources = path.join(installed, "stripe", "esm", "resources");
const files = fs.readdirSync(resources, { recursive: true })
  .filter((name) => name.endsWith(".d.ts"))
  .map((name) => path.join(resources, name));
const program = ts.createProgram(files, { noLib: true, skipLibCheck: true, types: [] });
const checker = program.getTypeChecker();
const served = new Set(SERVED);
const definitions = {};

// The name with its namespaces, and the folder before it: Checkout.Session.
function qualified(declaration) {
  const names = [declaration.name.text];
  for (let node = declaration.parent; node; node = node.parent) {
    if (ts.isModuleDeclaration(node)) names.unshift(node.name.text);
  }
  const inside = path.relative(resources, path.dirname(declaration.getSourceFile().fileName));
  return (inside && !inside.startsWith("..") ? [inside, ...names] : names).join(".");
}

function resolved(reference) {
  let symbol = checker.getSymbolAtLocation(reference.typeName);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.declarations?.find(
    (one) => ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one),
  );
}

function isResource(declaration) {
  return ts.isSourceFile(declaration.parent) && declaration.members.some(
    (member) => member.name?.getText() === "object" && ts.isLiteralTypeNode(member.type),
  );
}

// The members of a union with all aliases resolved, as {literal}, {primitive}, {object} and so on.
function members(node, field) {
  if (ts.isParenthesizedTypeNode(node)) return members(node.type, field);
  if (ts.isUnionTypeNode(node)) return node.types.flatMap((one) => members(one, field));
  if (ts.isArrayTypeNode(node)) return [{ items: node.elementType }];
  if (ts.isLiteralTypeNode(node)) {
    const { kind } = node.literal;
    if (kind === ts.SyntaxKind.NullKeyword) return [{ primitive: "null" }];
    if (kind === ts.SyntaxKind.TrueKeyword) return [{ literal: true }];
    if (kind === ts.SyntaxKind.FalseKeyword) return [{ literal: false }];
    return [{ literal: ts.isNumericLiteral(node.literal) ? Number(node.literal.text) : node.literal.text }];
  }
  if (node.kind === ts.SyntaxKind.StringKeyword) return [{ primitive: "string" }];
  if (node.kind === ts.SyntaxKind.BooleanKeyword) return [{ primitive: "boolean" }];
  if (node.kind === ts.SyntaxKind.NumberKeyword) {
    return [{ primitive: DECIMALS.has(field) ? "number" : "integer" }];
  }
  if (node.kind === ts.SyntaxKind.VoidKeyword) return [];
  if (node.kind === ts.SyntaxKind.UnknownKeyword) return [{ anything: true }];
  if (ts.isTypeLiteralNode(node)) return [{ members: node }];
  if (!ts.isTypeReferenceNode(node)) throw new Error(`what is ${node.getText()}?`);
  return reference(node, field);
}

function reference(node, field) {
  const name = node.typeName.getText();
  if (name === "OtherString") return [{ open: true }];
  if (name === "Decimal") return [{ primitive: "string" }];
  if (name === "Array") return [{ items: node.typeArguments[0] }];
  if (name === "ApiList") return [{ list: node.typeArguments[0] }];
  const declaration = resolved(node);
  if (!declaration) throw new Error(`where is ${name}?`);
  if (ts.isTypeAliasDeclaration(declaration)) return members(declaration.type, field);
  const full = qualified(declaration);
  if (isResource(declaration) && !served.has(full)) return [{ other: full }];
  define(full, declaration);
  return [{ object: full }];
}

function schema(node, field) {
  const all = members(node, field);
  const kinds = [...new Set(all.flatMap((one) => one.primitive ?? []))];
  const literals = [...new Set(all.flatMap((one) => "literal" in one ? [one.literal] : []))];
  const choices = [];
  if (literals.length) choices.push({ enum: kinds.includes("null") ? [...literals, null] : literals });
  else if (kinds.length) choices.push({ type: kinds.length === 1 ? kinds[0] : kinds });
  for (const one of all) {
    if (one.anything) choices.push({});
    if (one.object) choices.push({ $ref: `#/$defs/${one.object}` });
    if (one.members) choices.push(objectSchema(one.members.members));
    if (one.items) choices.push(arraySchema(schema(one.items, field)));
    if (one.list) choices.push(listSchema(schema(one.list, field)));
  }
  if (!choices.length) return null;
  const result = choices.length === 1 ? choices[0] : { anyOf: choices };
  const expands = all.flatMap((one) => served.has(one.object) ? [one.object] : one.other ?? []);
  return expands.length && kinds.includes("string") ? { ...result, expands } : result;
}

function arraySchema(items) {
  return items === null ? { type: "array", maxItems: 0 } : { type: "array", items };
}

function listSchema(items) {
  return {
    type: "object",
    properties: {
      object: { enum: ["list"] },
      data: arraySchema(items),
      has_more: { type: "boolean" },
      url: { type: "string" },
    },
    required: ["object", "data", "has_more", "url"],
    additionalProperties: false,
  };
}

function objectSchema(all) {
  const index = all.find(ts.isIndexSignatureDeclaration);
  if (index) return { type: "object", additionalProperties: schema(index.type) };
  const properties = {};
  const required = [];
  for (const member of all.filter(ts.isPropertySignature)) {
    const name = member.name.text;
    if (isUnknownMethod(name) && member.questionToken) continue;
    const value = schema(member.type, name);
    if (value === null && member.questionToken) continue;
    properties[name] = value ?? false; // an object with this field is never served
    if (!member.questionToken) required.push(name);
  }
  return { type: "object", properties, required, additionalProperties: false };
}

const methods = new Set();

function isUnknownMethod(name) {
  return methods.has(name) && !METHODS.has(name);
}

function define(name, declaration) {
  if (name in definitions) return;
  definitions[name] = {};
  const inherited = (declaration.heritageClauses ?? [])
    .flatMap((clause) => clause.types)
    .flatMap((type) => checker.getTypeAtLocation(type).symbol.declarations[0].members);
  definitions[name] = objectSchema([...inherited, ...declaration.members]);
}

function declared(file, name) {
  const source = program.getSourceFile(path.join(resources, file));
  const found = [];
  const visit = (node) => {
    if ((ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name.text === name) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found[0];
}

// The object that an event of each type carries, where the sandbox serves it.
function eventObjects() {
  const types = {};
  const source = program.getSourceFile(path.join(resources, "Events.d.ts"));
  for (const one of source.statements.filter(ts.isInterfaceDeclaration)) {
    if (!one.heritageClauses?.[0].types[0].getText().startsWith("EventBase")) continue;
    const type = one.members.find((member) => member.name.text === "type").type.literal.text;
    const data = resolved(one.members.find((member) => member.name.text === "data").type);
    const carried = members(data.members.find((member) => member.name.text === "object").type);
    if (carried.length === 1 && carried[0].object) types[type] = carried[0].object;
  }
  return types;
}

// Long enumerations that are the same in several places are written once.
function withSharedEnumerations(roots) {
  const names = {};
  const enumerations = {};
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== "object") return value;
    if (!Array.isArray(value.enum) || value.enum.length <= 8) {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one)]));
    }
    const key = JSON.stringify(value.enum);
    names[key] ??= `enumeration_${Object.keys(names).length + 1}`;
    enumerations[names[key]] = value;
    return { $ref: `#/$defs/${names[key]}` };
  };
  return { ...walk(roots), ...enumerations };
}

// A definition a line, so that a change can be read.
function written(title, events, all) {
  const lines = (entries) => Object.entries(entries)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(",\n");
  return `{"$comment":${JSON.stringify(title)},\n"events":{\n${lines(events)}\n},\n`
    + `"$defs":{\n${lines(all)}\n}}\n`;
}

for (const one of members(declared("PaymentIntents.d.ts", "AllowedPaymentMethodType").type)) {
  if (one.literal) methods.add(one.literal);
}
for (const name of SERVED) {
  const parts = name.split(".");
  const interfaceName = parts.pop();
  const file = files.find((one) => {
    const found = declared(path.relative(resources, one), interfaceName);
    return found && ts.isSourceFile(found.parent) && qualified(found) === name;
  });
  define(name, declared(path.relative(resources, file), interfaceName));
}
const title = `Made from the types of npm stripe ${version} (MIT licence) by generate.cjs`;
process.stdout.write(written(title, eventObjects(), withSharedEnumerations(definitions)));
