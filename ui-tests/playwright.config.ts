import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import type { IOptions } from './tests/guided';

/** The system's browser where there is one; else Playwright's own. */
const browser = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome'
].find(existsSync);

export default defineConfig<object, IOptions>({
  testDir: 'tests',
  outputDir: 'test-results',
  // One server per file; two cores train faster when nothing else does.
  workers: 1,
  timeout: 10 * 60_000,
  expect: { timeout: 30_000 },
  retries: 0,
  projects: [
    {
      name: 'lab',
      testIgnore: [
        'collaboration.spec.ts',
        'studio*.spec.ts',
        'hub.spec.ts',
        'notebook7.spec.ts'
      ]
    },
    {
      name: 'collaboration',
      testMatch: 'collaboration.spec.ts',
      use: { collaboration: true }
    },
    {
      name: 'collaboration-run',
      testMatch: 'run.spec.ts',
      use: { collaboration: true }
    },
    {
      name: 'studio',
      testMatch: ['studio.spec.ts', 'studio-lost.spec.ts'],
      use: { asInStudio: true }
    },
    {
      name: 'studio-collaboration',
      testMatch: ['studio-room.spec.ts', 'collaboration.spec.ts'],
      use: { asInStudio: true, collaboration: true }
    },
    { name: 'hub', testMatch: 'hub.spec.ts' },
    { name: 'notebook7', testMatch: 'notebook7.spec.ts' }
  ],
  use: {
    viewport: { width: 1280, height: 900 },
    video: 'off',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: browser,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  }
});
