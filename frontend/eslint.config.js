import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

// Money is text. Only lib/format/plot.ts makes numbers of it, and only to place pixels.
const noFloats = [
  { selector: "CallExpression[callee.name='parseFloat']", message: 'Money is text: use $lib/format/decimal.' },
  { selector: "CallExpression[callee.name='Number']", message: 'Money is text: use $lib/format/decimal.' },
  {
    selector: "CallExpression[callee.object.name='Number'][callee.property.name='parseFloat']",
    message: 'Money is text.',
  },
  { selector: "AssignmentExpression[left.property.name='innerHTML']", message: 'Outside text is shown as text.' },
  { selector: "AssignmentExpression[left.property.name='outerHTML']", message: 'Outside text is shown as text.' },
  { selector: "CallExpression[callee.property.name='insertAdjacentHTML']", message: 'Outside text is shown as text.' },
]

/** A layer may not import the layers named; types of the api are allowed to features. */
function layer(folder, forbidden, allowTypes = []) {
  return {
    files: [`src/lib/${folder}/**`, `src/${folder}/**`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden.map((name) => ({ group: [`$lib/${name}/*`, `$lib/${name}`, `**/${name}/**`] })),
            ...allowTypes.map((name) => ({ group: [`$lib/${name}/*`, `**/${name}/**`], allowTypeImports: true })),
          ],
        },
      ],
    },
  }
}

export default ts.config(
  { ignores: ['dist', 'dist-fake', 'node_modules', 'test-results', 'playwright-report', 'src/lib/api/types.gen.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-undef': 'off',
      'no-restricted-syntax': ['error', ...noFloats],
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  layer('format', ['api', 'stores', 'components', 'features', 'pages']),
  layer('api', ['stores', 'components', 'features', 'pages']),
  layer('stores', ['components', 'features', 'pages']),
  layer('components', ['api', 'stores', 'features', 'pages']),
  layer('features', ['pages'], ['api']),
  layer('pages', [], ['api']),
  {
    files: ['src/lib/format/plot.ts', 'src/lib/api/fake/**', 'tests/**', 'e2e/**'],
    rules: { 'no-restricted-syntax': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
)
