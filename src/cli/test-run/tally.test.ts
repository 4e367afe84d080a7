import { expect, test } from 'vitest'
import {
  readGate,
  tallyOfExit,
  tallyOfGate,
  tallyOfPlaywright,
  tallyOfVitest,
  withCrash,
} from './tally.ts'

const failedFile = { status: 'failed', assertionResults: [] }
const failedTest = { status: 'failed', assertionResults: [{ status: 'failed' }] }

test('vitest’s failures are tests that failed and files that could not be loaded', () => {
  const report = { numPassedTests: 7, numFailedTests: 1, testResults: [failedFile, failedTest] }
  expect(tallyOfVitest(JSON.stringify(report))).toEqual({ passed: 7, failed: 2 })
})

test('Playwright’s flaky tests passed, its errors outside of tests failed', () => {
  const stats = { expected: 3, flaky: 1, unexpected: 2, skipped: 1 }
  expect(tallyOfPlaywright(JSON.stringify({ stats, errors: [{}] }))).toEqual({
    passed: 4,
    failed: 3,
  })
})

test('the gate’s lines pass where they came as expected', () => {
  const line = { lab: 'tour', run: 'solution', code: 'ok', ms: 1 }
  const lines = readGate(
    JSON.stringify([
      { ...line, expected: 'pass', got: 'pass' },
      { ...line, expected: 'pass', got: 'fail' },
    ]),
  )
  expect(tallyOfGate(lines ?? [])).toEqual({ passed: 1, failed: 1 })
  expect(readGate('{"error":{"code":"x"}}')).toBeNull()
  expect(readGate('')).toBeNull()
})

test('a runner that crashed counts as a failure, whatever it had counted', () => {
  expect(withCrash(null, 1)).toEqual({ passed: 0, failed: 1 })
  expect(withCrash(null, 0)).toEqual({ passed: 0, failed: 1 })
  expect(withCrash(null, null)).toEqual({ passed: 0, failed: 1 })
  expect(withCrash({ passed: 3, failed: 0 }, 1)).toEqual({ passed: 3, failed: 1 })
  expect(withCrash({ passed: 3, failed: 2 }, 1)).toEqual({ passed: 3, failed: 2 })
  expect(withCrash({ passed: 3, failed: 0 }, 0)).toEqual({ passed: 3, failed: 0 })
})

test('a tool is one test', () => {
  expect(tallyOfExit(0)).toEqual({ passed: 1, failed: 0 })
  expect(tallyOfExit(null)).toEqual({ passed: 0, failed: 1 })
})
