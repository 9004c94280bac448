import js from "@eslint/js";
import tseslint from "typescript-eslint";
import { walls } from "./tools/walls.mjs";

export default tseslint.config(
  { ignores: ["node_modules", ".cache", ".rehearsal", "coverage"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["*.mjs", "*.js", "tools/*.mjs", "policy/*.js", "picture/page/*.js"] },
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
  // Imports go one way.
  { plugins: { house: { rules: { walls } } }, rules: { "house/walls": "error" } },
  {
    files: ["index.ts", "{components,stacks,verifier,policy}/**/*.ts"],
    ignores: ["stacks/stackConfig.ts", "stacks/planStack.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "MemberExpression[object.name='pulumi'][property.name='Config']",
          message: "only stacks/stackConfig.ts and stacks/planStack.ts read the stack's configuration",
        },
      ],
    },
  },
  {
    files: ["**/*.mjs", "**/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { module: "writable", require: "readonly", process: "readonly", console: "readonly", URL: "readonly" },
    },
    rules: { "no-console": "off", "@typescript-eslint/no-require-imports": "off" },
  },
  // They run in a browser, one after the other.
  {
    files: ["picture/page/*.js"],
    rules: {
      "no-unused-vars": ["error", { varsIgnorePattern: "^startSearch$" }],
      "@typescript-eslint/no-unused-vars": "off",
    },
    languageOptions: {
      globals: { document: "readonly", window: "readonly", Element: "readonly", getComputedStyle: "readonly" },
    },
  },
  { files: ["rehearsal/cli*.ts", "rehearsal/cli/**/*.ts", "tools/**"], rules: { "no-console": "off" } },
);
