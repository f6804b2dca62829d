import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import { ReportBook } from './book.ts'

async function open() {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-reports-'))
  const writer = createSqliteWriter({ log: createFakeLog() })
  const book = await ReportBook.open(dataDir, writer)
  onTestFinished(async () => {
    await book.close()
    await writer.stop()
    rmSync(dataDir, { recursive: true })
  })
  return { book, dataDir }
}

function report(number: number, octets: number, ends = 1000) {
  const about = { kind: 'dmarc', domain: 'home.test', reporter: 'far.test', received: 0 } as const
  return { ...about, reportId: String(number), ends, body: JSON.stringify('x'.repeat(octets)) }
}

function kept(book: ReportBook): number[] {
  const numbers: number[] = []
  for (let after = 0; ; ) {
    const page = book.reports('dmarc', { domain: undefined, since: 0, after })
    if (page.length === 0) return numbers
    numbers.push(...page.map(({ id }) => id))
    after = numbers.at(-1) ?? 0
  }
}

test('large reports have less room than others, and take none of theirs', async () => {
  const { book, dataDir } = await open()
  await book.keep(report(1, 10))
  for (let number = 2; number < 610; number++) await book.keep(report(number, 20_000))
  expect(kept(book)).toHaveLength(501)
  expect(kept(book)[0]).toBe(1)
  expect(statSync(join(dataDir, 'reports.db')).size).toBeLessThan(20_000_000)
})

test('what is over goes', async () => {
  const { book } = await open()
  const seen = { domain: 'far.test', policy: '{}', facts: '{}', messages: 1 }
  await book.count([
    { ...seen, day: '2026-01-01' },
    { ...seen, day: '2026-01-09' },
  ])
  await book.keep(report(1, 10, 500))
  await book.keep(report(2, 10, 5000))
  await book.sweep({ day: '2026-01-05', ends: 1000 })
  expect(book.seenDays('2026-02-01', { day: '', domain: '' }).map(({ day }) => day)).toEqual(['2026-01-09'])
  expect(kept(book)).toEqual([2])
})
