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
      // `typeof import('…')` is the type of a module that is loaded lazily.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      // `_` says that leaving something out is the purpose: `const { name: _, ...rest } = …`.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      // `text || other`: an empty text stands for none.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      eqeqeq: 'error',

      // Off, each because it is wrong here:
      // With noUncheckedIndexedAccess every `a[i]` of a typed array needs a `!`; loops over arrays are most of this code.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // It proposes for-of for ArrayLike, which has no iterator.
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // expect.stringMatching() and its like are `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // A test says what it reads from JSON: `fixture<Sampled>('x.json')`.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // They take functions out of tables like METRICS, whose interface needs methods, as only these are compared bivariantly.
      '@typescript-eslint/unbound-method': 'off',
      // Callbacks that set a flag are the way of tests that watch processes; the compiler takes the flag for constant.
      '@typescript-eslint/no-unnecessary-condition': 'off',
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
