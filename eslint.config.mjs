import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** The layers of src/, and what each may not import. */
const JUPYTERLAB = ['@jupyterlab/*', '@lumino/*'];

/** Where words for people stand in the code; each goes through the translator. */
const WORDS = ['Literal', 'TemplateElement'].map(
  (type, index) => `${type}[value${index ? '.raw' : ''}=/[A-Za-z]{2}/]`
);
const SAID = `:matches(${WORDS[0]}, TemplateLiteral:has(> ${WORDS[1]}))`;
const CHOSEN = `:matches(LogicalExpression, ConditionalExpression) > ${SAID}`;
const ATTRIBUTE =
  'JSXAttribute[name.name=/^(title|label|text|alt|name|placeholder|aria-(label|valuetext|description))$/]';
const PROPERTY =
  'Property[key.name=/^(label|caption|title|body|hint|message)$/]';
const INSIDE = ':matches(JSXElement, JSXFragment) > JSXExpressionContainer';
const UNTRANSLATED = [
  'JSXText[value=/[A-Za-z]{2}/]',
  `${ATTRIBUTE} > ${SAID}`,
  ...[`${ATTRIBUTE} > JSXExpressionContainer`, INSIDE, PROPERTY].flatMap(
    place => [`${place} > ${SAID}`, `${place} > ${CHOSEN}`]
  )
].map(selector => ({
  selector,
  message: 'Words for people go through the translator.'
}));

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '.venv*/',
      'coverage/',
      'jupyter_monai_workshop/',
      'lib/',
      'playground/',
      'src/core/api.ts',
      'ui-tests/'
    ]
  },
  js.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.recommendedTypeChecked,
      tseslint.configs.stylisticTypeChecked
    ],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json' }
    },
    plugins: { jsdoc },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports' }
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          prefix: ['I']
        }
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      // Lumino's signals take a method and its object.
      '@typescript-eslint/unbound-method': 'off',
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: {
            ClassDeclaration: true,
            FunctionDeclaration: true,
            MethodDefinition: true
          },
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'TSPropertySignature'
          ],
          checkConstructors: false
        }
      ],
      eqeqeq: 'error'
    }
  },
  {
    files: ['src/index.ts', 'src/lab/**', 'src/panel/**'],
    rules: { 'no-restricted-syntax': ['error', ...UNTRANSLATED] }
  },
  {
    files: ['src/core/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [...JUPYTERLAB, 'react', '../lab/*', '../panel/*'] }
      ]
    }
  },
  {
    files: ['src/lab/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['react', '../panel/*'] }]
    }
  },
  {
    files: ['src/panel/**'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      'jsdoc/require-jsdoc': [
        'error',
        { publicOnly: true, require: { FunctionDeclaration: true } }
      ],
      'no-restricted-imports': ['error', { patterns: ['../lab/*'] }]
    }
  },
  {
    files: ['src/__tests__/**'],
    rules: { 'jsdoc/require-jsdoc': 'off' }
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        fetch: 'readonly',
        Headers: 'readonly',
        module: 'writable',
        Request: 'readonly',
        require: 'readonly',
        Response: 'readonly'
      }
    }
  }
);
