import { defineConfig } from 'vitest/config'

// Unit tests stand beside the code and run first, side by side; end-to-end tests in `test/` start villages of their own
// and run two at a time, since most of their time is waiting; two cores are enough, and a failure shows early.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['test/**', 'node_modules/**', 'dist/**'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'village',
          include: ['test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          // A village that shares two cores with another may come late once; vitest says which test was tried again.
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
