import { defineConfig } from '@playwright/test'

/** Debian's Chromium as it is on the machine: nothing is downloaded. */
const executablePath = process.env['HALAB_CHROMIUM'] ?? '/usr/bin/chromium'
/** Chromium refuses its own sandbox to root. */
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export default defineConfig({
  testDir: './e2e',
  outputDir: './test-results',
  // Each lab is a whole cluster: one at a time, however many cores there are.
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    launchOptions: { executablePath, args },
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    trace: 'retain-on-failure',
  },
})
