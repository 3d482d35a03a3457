import { defineConfig } from '@playwright/test'

// The browser is the system's Chromium; HOOX_CHROMIUM names another one.
export default defineConfig({
  testDir: 'e2e',
  // A machine that is busy with other builds may stall a browser; a test that fails twice is wrong.
  retries: process.env.CI ? 1 : 0,
  workers: 1,
  reporter: 'list',
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.HOOX_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    },
  },
})
