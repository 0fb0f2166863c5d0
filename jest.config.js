/** Packages that ship as ES modules, which jest cannot load as they are. */
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@lezer',
  '@marijn',
  '@microsoft/',
  '@rjsf/',
  'color',
  'crelt',
  'exenv-es6',
  'lib0',
  'nanoid',
  'style-mod',
  'vscode-ws-jsonrpc',
  'w3c-keyname',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

module.exports = {
  moduleNameMapper: {
    '\\.css$': '<rootDir>/src/__tests__/stubs/style.js',
    '\\.svg$': '<rootDir>/src/__tests__/stubs/svg.js'
  },
  roots: ['<rootDir>/src'],
  testEnvironment: '<rootDir>/src/__tests__/stubs/environment.js',
  testRegex: '/__tests__/.*\\.spec\\.tsx?$',
  transform: {
    '\\.(js|ts|tsx)$': [
      'ts-jest',
      { tsconfig: 'tsconfig.test.json', diagnostics: false }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!${esModules})`]
};
