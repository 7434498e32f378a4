import { folders, importRules, restrictedImports, restrictedInSandbox } from './import-rules.ts'

/** They end after a fixed time, which a slow machine exceeds. */
const waitsOfVitest = [
  ['vi', 'waitFor'],
  ['vi', 'waitUntil'],
  ['expect', 'poll'],
].map(([object, property]) => ({ object, property, message: 'Wait with `eventually` of src/kit/eventually.fixture.ts.' }))

/** The rules of oxlint. Prettier checks the formatting, tsc the types; these are the other house rules. */
const rules = {
  // Promises: an unawaited one loses its error, and a request with it.
  'typescript/no-floating-promises': 'error',
  'typescript/no-misused-promises': 'error',
  'typescript/await-thenable': 'error',
  'typescript/only-throw-error': 'error',
  // An AbortSignal's reason is passed on unchanged, of any type.
  'typescript/prefer-promise-reject-errors': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
  // Types: what the compiler accepts but a reader should not have to.
  'typescript/no-explicit-any': 'error',
  // Also closes `import('…').T`, the one form of import that no-restricted-imports does not see.
  'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: true }],
  'typescript/no-unnecessary-type-assertion': 'error',
  // `[object Object]` in a message says nothing.
  'typescript/no-base-to-string': 'error',
  // Interfaces here are bags of functions; none of them uses `this`.
  'typescript/unbound-method': 'off',
  'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' }],
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  // House rules.
  'import/no-default-export': 'error',
  // Circles of types count too: neither file can be read without the other.
  'import/no-cycle': ['error', { ignoreTypes: false }],
  'import/no-duplicates': 'error',
  'unicorn/filename-case': ['error', { case: 'kebabCase' }],
  'unicorn/prefer-node-protocol': 'error',
  'max-lines': ['error', { max: 400 }],
  'no-console': 'error',
  // Takes a method that is a variable for GET.
  'unicorn/no-invalid-fetch-options': 'off',
  // Tests. Many are made from tables, so titles and bodies may be values.
  'vitest/valid-title': 'off',
  'vitest/valid-describe-callback': 'off',
  'vitest/no-conditional-tests': 'off',
  'vitest/no-conditional-expect': 'off',
  'vitest/no-standalone-expect': 'off',
  // The second argument is the message of a row.
  'vitest/valid-expect': ['error', { maxArgs: 2 }],
  'vitest/require-to-throw-message': 'off',
  // Does not see assertions inside loops.
  'vitest/expect-expect': 'off',
  'vitest/no-focused-tests': 'error',
  'vitest/no-identical-title': 'error',
}

export const lintConfig = {
  $schema: './node_modules/oxlint/configuration_schema.json',
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  categories: { correctness: 'error' },
  rules,
  ignorePatterns: ['**/dist', 'generated'],
  overrides: [
    ...importRules.map((rule) => ({
      files: [folders.includes(rule.from) ? `src/${rule.from}/**` : `src/${rule.from}`],
      rules: { 'no-restricted-imports': ['error', { patterns: restrictedImports(rule) }] },
    })),
    { files: ['sandbox/src/**'], rules: { 'no-restricted-imports': ['error', { patterns: restrictedInSandbox }] } },
    { files: ['src/kit/**'], rules: { 'typescript/no-explicit-any': 'off' } },
    // Tests print what must not be printable.
    {
      files: ['**/*.test.ts'],
      rules: { 'typescript/restrict-template-expressions': 'off', 'no-restricted-properties': ['error', ...waitsOfVitest] },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    { files: ['src/app.ts', 'src/main.ts', 'bench/**', 'examples/**', 'tools/**', 'sandbox/src/main.ts'], rules: { 'no-console': 'off' } },
  ],
}
