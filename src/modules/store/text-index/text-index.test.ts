import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { docxOf } from '../../../../test/support/documents.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../../../../test/support/store.ts'
import { unpackParts } from '../../../lib/mime/sections.ts'
import { holds, needleOf } from '../../../lib/search/fold.ts'
import { messageTexts } from '../../../lib/search/message-texts.ts'
import type { MailboxId, Uid } from '../../../ports/mail-store.ts'
import type { WantedText } from '../../../ports/text-search.ts'

const ann = account(1)
const bob = account(2)
const hourMs = 3_600_000

let at: TestStore
afterEach(async () => {
  await at.end()
})

async function begin(textIndex: { documents: boolean } | undefined = { documents: true }): Promise<void> {
  at = await startStore(textIndex ? { textIndex } : {})
  for (const id of [ann, bob]) await at.accounts.putAccount(id, { quotaBytes: 0 })
}

const mailboxId = async (name = 'INBOX', owner = ann) => (await at.store.mailbox(owner, name))?.id ?? 0
const append = (...bodies: string[]) => appendTo(at, ann, 'INBOX', ...bodies.map((body) => mail({ body })))

async function find(text: string, where: WantedText['where'] = 'body', mailbox?: MailboxId) {
  return await at.search.find(ann, mailbox ?? (await mailboxId()), { where, needle: needleOf(text) })
}

/** Whether a word stands anywhere in the file or its log. */
function isInFile(word: string): boolean {
  return ['', '-wal']
    .map((end) => join(at.dataDir, `search.db${end}`))
    .some((path) => existsSync(path) && readFileSync(path).includes(word))
}

/** The uids whose texts hold it, by reading each. */
async function read(mailbox: MailboxId, { where, needle }: WantedText): Promise<Uid[]> {
  const uids = [...((await at.store.image(ann, mailbox))?.uids ?? [])]
  const found: Uid[] = []
  for (const row of uids.length > 0 ? await at.store.rows(ann, mailbox, uids, ['parts']) : []) {
    const octets = (from: number, to: number) => at.store.bytes(ann, mailbox, row.uid, { from, to })
    for await (const piece of messageTexts(unpackParts(row.parts ?? '[]'), octets)) {
      if (where !== 'text' && where !== piece.where) continue
      if (!holds(piece.text, needle)) continue
      found.push(row.uid)
      break
    }
  }
  return found
}

const corpusWords = [
  ...'invoice voice annual report Straße strasse café CAFÉ naïve İstanbul ısı ΣΊΣΥΦΟΣ ёлка e-mail x_y 100€'.split(
    ' ',
  ),
  ...'東京都 東京 京都の会議 がっこう ｶﾞｯｺｳ 한글 계산서 株式会社 ไทยแลนด์ 👍 résumé\u0301'.split(' '),
  'a'.repeat(70),
  'annual\r\nreport',
  '東\r\n京',
]

function pick<T>(random: () => number, all: readonly T[]): T {
  return all[Math.floor(random() * all.length)] as T
}

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

function randomMail(random: () => number): string {
  const words = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(random, corpusWords))
  const text = words.join(pick(random, [' ', '', ', ', '-']))
  const utf8 = { body: `Content-Transfer-Encoding: base64\r\nContent-Type: text/plain; charset=utf-8` }
  const header = [
    utf8.body,
    `X-Words: =?utf-8?b?${Buffer.from(pick(random, corpusWords)).toString('base64')}?=`,
  ]
  const body = `${Buffer.from(text)
    .toString('base64')
    .replace(/(.{76})/g, '$1\r\n')}\r\n`
  return mail({ headers: header, body })
}

test('what the index says agrees with reading, whatever came, went, moved and was merged', {
  timeout: 60_000,
}, async () => {
  await begin()
  const random = seeded(7)
  const inbox = await mailboxId()
  const archive = await mailboxId('Archive')
  for (let round = 0; round < 40; round++) {
    const messages = Array.from({ length: 1 + Math.floor(random() * 4) }, () => randomMail(random))
    const uids = await appendTo(at, ann, 'INBOX', ...messages)
    await appendTo(at, bob, 'INBOX', randomMail(random))
    if (random() < 0.3) await at.store.move(ann, inbox, uids.slice(0, 1), archive)
    if (random() < 0.3) await at.store.copy(ann, inbox, uids.slice(0, 2), archive)
    if (random() < 0.2) await at.store.remove(ann, inbox, [pick(random, uids)])
    if (random() < 0.7) await at.searchCare.catchUp()
    for (let look = 0; look < 6; look++) {
      const word = pick(random, corpusWords)
      const from = Math.floor(random() * word.length)
      const text = pick(random, [
        word,
        word.slice(from),
        word.slice(0, from + 1),
        `${word} ${pick(random, corpusWords)}`,
        word.slice(from, from + 2),
      ])
      const wanted: WantedText = { where: pick(random, ['body', 'text', 'header']), needle: needleOf(text) }
      const mailbox = pick(random, [inbox, archive])
      const said = await at.search.find(ann, mailbox, wanted)
      if (said.kind === 'unknown') continue
      const truth = await read(mailbox, wanted)
      const context = { text, ...wanted, round }
      expect({ ...context, uids: said.sure.filter((uid) => !truth.includes(uid)) }).toEqual({
        ...context,
        uids: [],
      })
      const missed = truth.filter((uid) => !said.sure.includes(uid) && !said.open.includes(uid))
      expect({ ...context, uids: missed }).toEqual({ ...context, uids: [] })
    }
  }
  expect((await at.searchCare.status()).messages).toBeGreaterThan(60)
})

test('the words of a message that is gone leave the file within a day after the store let go of it', async () => {
  await begin()
  await append('plutonium', 'neptunium')
  await at.searchCare.catchUp()
  expect([isInFile('PLUTONIUM'), isInFile('NEPTUNIUM')]).toEqual([true, true])
  await at.store.remove(ann, await mailboxId(), [1])
  await at.clock.advance(24 * hourMs + 1)
  await expect.poll(() => at.store.usage(ann)).toMatchObject({ messages: 1 })
  await expect
    .poll(async () => {
      await at.clock.advance(24 * hourMs)
      await at.searchCare.catchUp()
      return isInFile('PLUTONIUM')
    })
    .toBe(false)
  expect(await find('neptun')).toEqual({ kind: 'found', sure: [2], open: [] })
})

test('the words of a removed account leave the file at once', async () => {
  await begin()
  await append('plutonium')
  await appendTo(at, bob, 'INBOX', mail({ body: 'neptunium' }))
  await at.searchCare.catchUp()
  await at.accounts.removeAccount(ann)
  await at.searchCare.catchUp()
  expect(await at.searchCare.status()).toMatchObject({ messages: 1, waiting: 0 })
  expect(await find('plut')).toEqual({ kind: 'unknown' })
})

/** What is found when time has gone by, however long the index is at work. */
const later = (word: string) =>
  expect.poll(async () => {
    await at.clock.advance(10_000)
    return await find(word)
  })

test('mail is indexed by itself, some seconds after it came', async () => {
  await begin()
  await append('invoice')
  await later('invoice').toEqual({ kind: 'found', sure: [1], open: [] })
})

test('after a restart it goes on where it was', async () => {
  await begin()
  await append('one')
  await at.searchCare.catchUp()
  await append('two')
  at = await at.restart()
  expect(await find('one')).toEqual({ kind: 'found', sure: [1], open: [2] })
  await later('two').toEqual({ kind: 'found', sure: [2], open: [] })
})

test.each([
  ['fewer messages', ['new one']],
  ['as many messages', ['new one', 'new two', 'and a third']],
])('an index of another mail.db, of %s, is thrown away, and made of this one', async (_, bodies) => {
  await begin()
  await append('old one', 'old two', 'old three')
  await at.searchCare.catchUp()
  const before = at
  await before.stop()
  await begin()
  await append(...bodies)
  await at.stop()
  copyFileSync(join(before.dataDir, 'search.db'), join(at.dataDir, 'search.db'))
  at = await startStore({ dataDir: at.dataDir, textIndex: { documents: true } })
  rmSync(before.dataDir, { recursive: true })
  await at.searchCare.catchUp()
  await later('new').toMatchObject({ kind: 'found', sure: expect.arrayContaining([1]), open: [] })
})

test.each([
  [
    'is no database',
    (file: Buffer) => Buffer.from('nothing of that kind'.repeat(1000).slice(0, file.length)),
  ],
  ['is damaged inside', (file: Buffer) => file.fill(0x5a, Math.floor(file.length / 2))],
  ['is empty', () => Buffer.alloc(0)],
])('a file that %s costs no answer and no start', async (_, damage) => {
  await begin()
  await append('invoice', 'other')
  await at.searchCare.catchUp()
  await at.stop()
  const path = join(at.dataDir, 'search.db')
  writeFileSync(path, damage(readFileSync(path)))
  at = await startStore({ dataDir: at.dataDir, textIndex: { documents: true } })
  const said = await find('invoice')
  expect(said.kind === 'unknown' || [...said.sure, ...said.open].includes(1)).toBe(true)
  await at.searchCare.rebuild()
  await at.searchCare.catchUp()
  expect(await find('invoice')).toEqual({ kind: 'found', sure: [1], open: [] })
})

test('other settings make it anew, and off leaves nothing', async () => {
  await begin()
  const docx = `Content-Type: application/msword\r\nContent-Transfer-Encoding: base64\r\n\r\n${docxOf('plutonium').toString('base64')}\r\n`
  await appendTo(at, ann, 'INBOX', docx)
  const inbox = await mailboxId()
  expect(await at.search.documents(ann, inbox, 1)).toEqual([' PLUTONIUM '])
  await at.searchCare.catchUp()
  expect(await find('plut')).toEqual({ kind: 'found', sure: [1], open: [] })
  expect(await at.search.documents(ann, inbox, 1)).toEqual([' PLUTONIUM '])
  await at.stop()
  at = await startStore({ dataDir: at.dataDir, textIndex: { documents: false } })
  expect(await find('plut')).toEqual({ kind: 'unknown' })
  await at.searchCare.catchUp()
  expect(await find('plut')).toEqual({ kind: 'found', sure: [], open: [] })
  expect(await at.search.documents(ann, inbox, 1)).toEqual([])
  await at.stop()
  at = await startStore({ dataDir: at.dataDir })
  expect(await find('plut')).toEqual({ kind: 'unknown' })
  expect(existsSync(join(at.dataDir, 'search.db'))).toBe(false)
})

test('a message of more words than anybody knows is left to be read', async () => {
  await begin()
  const words = Array.from({ length: 310_000 }, (_, index) => `${index.toString(36)}q`).join(' ')
  await append('invoice', words)
  await at.searchCare.catchUp()
  expect(await find('invoice')).toEqual({ kind: 'found', sure: [1], open: [2] })
  expect(await at.searchCare.status()).toMatchObject({ messages: 1, waiting: 0, unread: 1 })
})
