import { expect, test } from 'vitest'
import { imapPart, smtpPart } from './parts.ts'
import { readSettings } from './read.ts'

function settings(environment: Record<string, string>) {
  const read = readSettings({ home: true, file: undefined, environment, readFile: () => '' })
  if (read.kind === 'mistakes') throw new Error(read.mistakes.join('\n'))
  return read.settings
}

test.each([
  ['1M', 1_000_000, 1_000_000],
  // SIZE 0 is no limit, and APPENDLIMIT=0 one that nothing fits.
  ['0', 0, 4_294_967_295],
])('MESSAGE_SIZE_LIMIT=%s is SIZE %i for SMTP and APPENDLIMIT %i for IMAP', (limit, smtp, imap) => {
  const read = settings({ MESSAGE_SIZE_LIMIT: limit })
  expect(smtpPart(read).messageSizeLimit).toBe(smtp)
  expect(imapPart(read).appendLimit).toBe(imap)
})
