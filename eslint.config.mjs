// @ts-check
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  {
    ignores: ['node_modules', 'dist', '.astro', 'test-results', 'playwright-report', '**/*.astro'],
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Numbers read well in messages; objects and undefined do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => void call()` is how a promise is let go on purpose, an arrow of one call how a listener is given.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // An index that the line above has checked; noUncheckedIndexedAccess cannot see that.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Our objects are closures, and the few classes are not taken apart.
      '@typescript-eslint/unbound-method': 'off',
      // Says "always false" of what an `await` in between may have changed, e.g. `signal.aborted`.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      // `async` keeps a function's contract when only some of its kind have to wait.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Types in plain JavaScript come from JSDoc, which tsc reads and these rules do not.
    files: ['**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    // What a test has parsed it takes apart at once; the expectation is the check.
    files: ['**/*.test.ts'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((what) => [
        `@typescript-eslint/no-unsafe-${what}`,
        'off',
      ]),
    ),
  },
  {
    files: ['*.config.{ts,mjs}', '**/content.config.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
)
