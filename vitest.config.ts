import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begun first, so that no core waits for one of them at the end; each is about a minute or more. */
const LONGEST = [
  'test/browser/resident.test.ts',
  'test/faults.test.ts',
  'test/browser/pages.test.ts',
  'test/browser/stop.test.ts',
  'test/image.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(this.ctx.config.root, moduleId))
      return at < 0 ? LONGEST.length : at
    }
    // Sorting is stable: the rest keeps its order, by group and by what failed or took long before.
    return (await super.sort(files)).sort((a, b) => groupOf(a) - groupOf(b) || place(a) - place(b))
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder
}

// Unit tests stand beside the code and run first, side by side; end-to-end tests in `test/` start villages of their own
// and run two at a time, since most of their time is waiting; two cores are enough, and a failure shows early.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
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
