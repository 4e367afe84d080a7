import { defineConfig } from 'vitest/config'

const everywhere = ['src', 'labs', 'graders', 'e2e/support']
const tests = everywhere.map((folder) => `${folder}/**/*.test.ts`)
const needsTheMachine = everywhere.map((folder) => `${folder}/**/*.integration.test.ts`)

export default defineConfig({
  test: {
    projects: [
      {
        // Property tests take seconds of CPU, and a machine that also runs labs has few to give.
        test: { name: 'unit', include: tests, exclude: needsTheMachine, testTimeout: 60_000 },
      },
      {
        // Real processes, namespaces and networks: one file after another, each with time to boot.
        test: {
          name: 'integration',
          include: needsTheMachine,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
