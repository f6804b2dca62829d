import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { account, appendTo, mail, startStore } from '../../../test/support/store.ts'

// Every version of the schema that was ever published stays here: mail.db of a stopped server, through zstd.
const folder = 'test/fixtures/mail'
const versions = readdirSync(folder)
const migrations = readdirSync('migrations/mail')

test('there is a store of every version', () => {
  expect(versions.map((name) => name.slice(0, 3))).toEqual(migrations.map((name) => name.slice(0, 3)))
})

test.each(versions)('the mail of %s is all there after an update, and more can come', async (version) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-upgrade-'))
  writeFileSync(join(dataDir, 'mail.db'), zstdDecompressSync(readFileSync(join(folder, version))))
  const at = await startStore({ dataDir })
  try {
    const ann = account(1)
    const inbox = await at.store.mailbox(ann, 'INBOX')
    expect(inbox).toMatchObject({ messages: 3, unseen: 2, uidNext: 5 })
    const rows = await at.store.rows(ann, inbox?.id ?? 0, [1, 2, 3, 4], ['search'])
    expect(rows.map(({ uid, search }) => [uid, search?.subject])).toEqual([
      [1, 'First'],
      [2, 'Re: First'],
      [4, 'Für zwei'],
    ])
    const ids = (await at.store.column(ann, inbox?.id ?? 0, 'messageIds', 1)).values
    expect(ids).toEqual([[expect.any(Number)], [expect.any(Number), (ids[0] as number[])[0]], [0]])
    expect(await appendTo(at, ann, 'INBOX', mail())).toEqual([5])
    expect((await at.care.verify()).problems).toEqual([])
  } finally {
    await at.end()
  }
})
