import js from "@eslint/js";
import tseslint from "typescript-eslint";

// Imports go one way (docs/decisions/0001): index -> stacks -> components -> topology.
const forbid = (files, patterns) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns }] },
});

export default tseslint.config(
  { ignores: ["node_modules", ".cache", ".rehearsal", "coverage"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.mjs", "*.js", "tools/*.mjs", "policy/*.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/prefer-nullish-coalescing": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/require-await": "off",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  forbid(
    ["components/**/*.ts"],
    [
      {
        group: ["**/stacks/**", "**/rehearsal/**", "**/policy/**", "**/tests/**"],
        message: "components import components only",
      },
    ],
  ),
  forbid(
    ["components/topology/**/*.ts"],
    [
      {
        group: ["@pulumi/*", "../*", "**/rehearsal/**", "**/stacks/**"],
        message: "the topology is pure and stands alone",
      },
    ],
  ),
  forbid(
    ["stacks/**/*.ts"],
    [{ group: ["**/rehearsal/**", "**/policy/**", "**/tests/**"], message: "stacks import components only" }],
  ),
  forbid(
    ["index.ts"],
    [
      {
        group: ["**/rehearsal/**", "**/policy/**", "**/tests/**", "./components/**"],
        message: "index imports stacks only",
      },
    ],
  ),
  {
    files: ["**/*.mjs", "**/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { module: "writable", require: "readonly", process: "readonly", console: "readonly", URL: "readonly" },
    },
    rules: { "no-console": "off", "@typescript-eslint/no-require-imports": "off" },
  },
  { files: ["rehearsal/cli*.ts", "rehearsal/cli/**/*.ts", "tools/**"], rules: { "no-console": "off" } },
);
