/** Rules that need types find what the compiler lets through: forgotten promises, `any` that spreads, conditions that cannot be false. Layout is no matter of rules. */
import path from 'node:path';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { LAYERS } from './layers.mjs';

/** What makes a result depend on more than its input. */
const IMPURE = ['process', 'Date', 'performance', 'setTimeout', 'setInterval', 'crypto', 'fetch', 'console', 'Buffer', 'require', '__dirname', '__filename'];
const pureFiles = Object.entries(LAYERS).filter(([, { pure }]) => pure).map(([name]) => (name.endsWith('.ts') ? name : `${name}/**/*.ts`));

export default defineConfig(
  { ignores: ['dist/', 'node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.mts', '**/*.mjs'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: path.join(import.meta.dirname, '..') } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // `_` says that leaving something out is the purpose: `const { name: _, ...rest } = …`.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      eqeqeq: 'error',

      // Off, each because it is wrong here:
      // With noUncheckedIndexedAccess every `a[i]` of a typed array needs a `!`; loops over arrays are most of this code.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // It proposes for-of for ArrayLike, which has no iterator.
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  {
    files: pureFiles,
    rules: {
      'no-restricted-globals': ['error', ...IMPURE.map((name) => ({ name, message: 'This folder is pure (.dev/layers.mjs): take what you need as an argument.' }))],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Numbers are drawn by address: src/core/random.' }],
    },
  },
);
