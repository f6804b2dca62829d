import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flagBits, keywordSetOf } from '../../src/lib/flags.ts'
import type { MailboxId, MailStore, MessageRow } from '../../src/ports/mail-store.ts'
import type { MessageBytes } from '../../src/ports/message.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, delivery, mail, sealed, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  await at.accounts.putAccount(ann, { quotaBytes: 0 })
  await at.accounts.putAccount(bob, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

const asText = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString()

describe.each(bothWays)('the mail store, %s', (_, way) => {
  let store: MailStore
  let bytes: MessageBytes
  let inbox: MailboxId
  beforeEach(async () => {
    store = way(at.store)
    bytes = way(at.bytes)
    inbox = await idOf('INBOX')
  })

  const idOf = async (name: string, owner = ann) => (await store.mailbox(owner, name))?.id ?? 0
  const append = (name: string, ...texts: string[]) => appendTo({ store, bytes }, ann, name, ...texts)
  const uidsOf = async (id: MailboxId, owner = ann) => [...((await store.image(owner, id))?.uids ?? [])]
  const deleteFlag = (uids: readonly number[]) =>
    store.changeFlags(ann, inbox, uids, { mode: 'add', flags: ['\\Deleted'] })

  test('an account begins with INBOX and the special mailboxes, subscribed', async () => {
    const mailboxes = await store.mailboxes(ann)
    expect(mailboxes.map(({ name, specialUse, subscribed }) => [name, specialUse, subscribed])).toEqual([
      ['Archive', '\\Archive', true],
      ['Drafts', '\\Drafts', true],
      ['INBOX', undefined, true],
      ['Junk', '\\Junk', true],
      ['Sent', '\\Sent', true],
      ['Trash', '\\Trash', true],
    ])
    expect(new Set(mailboxes.map(({ uidValidity }) => uidValidity)).size).toBe(6)
  })

  test('an account that was never made known has nothing and takes nothing', async () => {
    const stranger = account(99)
    expect(await store.mailboxes(stranger)).toEqual([])
    expect(await store.usage(stranger)).toEqual({ quotaBytes: 0, usedBytes: 0, messages: 0, active: false })
    const message = await sealed(bytes, mail())
    expect(await store.accept(delivery(message, {}, { account: stranger }))).toMatchObject({ kind: 'later' })
    expect(await uidsOf(inbox)).toEqual([])
  })

  test('a delivery stands in every mailbox it names, each with its own trace headers in front', async () => {
    const text = mail({ subject: 'For both' })
    const message = await sealed(bytes, text)
    const forAnn = { prefix: 'Delivered-To: ann@example.com\r\n' }
    const forBob = {
      account: bob,
      mailbox: 'Lists/Büro',
      flags: ['\\Seen', '$Work'],
      prefix: 'Delivered-To: bob\r\n',
    }
    const answer = await store.accept(delivery(message, forAnn, forBob))
    const lists = await idOf('Lists/Büro', bob)
    expect(answer).toEqual({
      kind: 'accepted',
      placed: [
        { account: ann, mailbox: inbox, uid: 1 },
        { account: bob, mailbox: lists, uid: 1 },
      ],
    })
    expect(asText(await store.bytes(ann, inbox, 1))).toBe(forAnn.prefix + text)
    expect(asText(await store.bytes(bob, lists, 1))).toBe(forBob.prefix + text)
    const [row] = await store.rows(bob, lists, [1], ['size', 'parts'])
    expect(row?.size).toBe(forBob.prefix.length + text.length)
    expect((await store.mailboxes(bob)).filter(({ name }) => name.startsWith('Lists'))).toMatchObject([
      { name: 'Lists', subscribed: false },
      { name: 'Lists/Büro', subscribed: true, messages: 1, unseen: 0 },
    ])
  })

  test('rows hold what was asked for and nothing else', async () => {
    await append(
      'INBOX',
      mail({ subject: 'First', headers: ['Message-ID: <1@x>', 'Date: Thu, 01 Jan 1970 00:00:05 +0000'] }),
    )
    const all = [
      ...(['size', 'receivedAt', 'envelope', 'structure', 'basicStructure', 'parts', 'preview'] as const),
      ...(['search', 'ids'] as const),
    ]
    const [row] = await store.rows(ann, inbox, [1], all)
    expect(row).toMatchObject({
      uid: 1,
      receivedAt: 1_000,
      envelope: expect.stringContaining('"First"'),
      structure: expect.stringMatching(/^\("TEXT"/i),
      basicStructure: expect.stringMatching(/^\("TEXT"/i),
      preview: 'Hi there.',
      search: { subject: 'First', from: 'Ann <ann@example.com>', sentAt: 5_000 },
      ids: { emailId: expect.stringMatching(/^M\d+$/), threadId: expect.stringMatching(/^T\d+$/) },
    } satisfies Partial<Record<keyof MessageRow, unknown>>)
    expect(await store.rows(ann, inbox, [1], ['receivedAt'])).toEqual([{ uid: 1, receivedAt: 1_000 }])
    expect(await store.rows(ann, inbox, [1], ['savedAt'])).toEqual([{ uid: 1, savedAt: at.clock.now() }])
    expect(await store.rows(ann, inbox, [1], [])).toEqual([{ uid: 1 }])
  })

  test('a column is read from any uid on, and ends when nothing is left', async () => {
    const reply = ['Message-ID: <2@x>', 'References: <0@x> <1@x>', 'In-Reply-To: <9@x>']
    await append('INBOX', mail({ subject: 'Re: [list] First', headers: ['Message-ID: <1@x>'] }))
    await append('INBOX', mail({ subject: '', headers: reply }))
    await append(
      'INBOX',
      mail({ headers: ['In-Reply-To: <1@x> <2@x>', 'Date: Thu, 01 Jan 1970 00:00:05 GMT'] }),
    )
    expect((await store.column(ann, inbox, 'baseSubject', 1)).values).toEqual(['First', '', 'Hello'])
    expect((await store.column(ann, inbox, 'isReply', 1)).values).toEqual([1, 0, 0])
    expect(await store.column(ann, inbox, 'sentAt', 2)).toEqual({ uids: [2, 3], values: [undefined, 5_000] })
    expect(await store.column(ann, inbox, 'receivedAt', 4)).toEqual({ uids: [], values: [] })
    expect(await store.column(bob, inbox, 'size', 1)).toEqual({ uids: [], values: [] })
    const ids = await store.column(ann, inbox, 'messageIds', 1)
    const [first = [], second = [], third = []] = ids.values as number[][]
    expect([first.length, second.length, third.length]).toEqual([1, 3, 2])
    expect([second[2], third]).toEqual([first[0], [0, first[0]]])
  })

  test('headers come with the trace headers in front; very long ones do not', async () => {
    const text = mail()
    const prefix = 'Received: from here\r\n'
    await store.accept(delivery(await sealed(bytes, text), { prefix }))
    const long = mail({
      headers: Array.from({ length: 400 }, (_, index) => `X-Long-${index}: ${'x'.repeat(60)}`),
    })
    await append('INBOX', long)
    const [first, second] = await store.rows(ann, inbox, [1, 2], ['header'])
    expect(first?.header).toBe(prefix + text.slice(0, text.indexOf('\r\n\r\n') + 4))
    expect(second).toEqual({ uid: 2 })
    expect(asText(await store.bytes(ann, inbox, 2, { from: 0, to: 1e6 }))).toBe(long)
  })

  test.each([
    ['UTF-8', 'Subject: gr\xc3\xbcn \xf0\x9f\x93\xae'],
    ['octets that are not UTF-8', 'Subject: gr\xfcn \xc3'],
    ['a byte order mark in front', '\xef\xbb\xbfSubject: x'],
    ['NUL', 'Subject: a\0b'],
  ])('a header with %s comes octet by octet', async (_name, line) => {
    const message = await sealed(bytes, Buffer.from(`${line}\r\nTo: b\r\n\r\nbody\r\n`, 'latin1'))
    await store.append(ann, inbox, [{ message, flags: [], receivedAt: 1_000 }])
    const [row] = await store.rows(ann, inbox, [1], ['header'])
    expect(row?.header).toBe(`${line}\r\nTo: b\r\n\r\n`)
  })

  test.each([
    ['in a run', [1, 2, 3], [1, 2, 3]],
    ['with holes', [1, 3], [1, 3]],
    ['in any order', [3, 1, 2, 1], [1, 2, 3]],
    ['that are far apart or missing', [1, 5_000, 3, 4_000_000_000], [1, 3]],
  ])('rows and bodies come for uids %s', async (_name, asked, found) => {
    await append('INBOX', mail({ subject: '1' }), mail({ subject: '2' }), mail({ subject: '3' }))
    expect((await store.rows(ann, inbox, asked, ['size'])).map(({ uid }) => uid)).toEqual(found)
    expect((await store.bodies(ann, inbox, asked, 1e6)).map(({ uid }) => uid)).toEqual(found)
  })

  test('bodies stop at the size asked for, but bring one at least', async () => {
    const text = mail()
    await append('INBOX', text, text, text)
    const bring = async (room: number) => (await store.bodies(ann, inbox, [1, 2, 3], room)).length
    expect([await bring(1), await bring(text.length * 2), await bring(text.length * 3)]).toEqual([1, 2, 3])
  })

  test('a stranger sees nothing of a mailbox by its number', async () => {
    await append('INBOX', mail())
    expect(await store.image(bob, inbox)).toBeUndefined()
    expect(await store.rows(bob, inbox, [1], ['size'])).toEqual([])
    expect(await store.bytes(bob, inbox, 1)).toBeUndefined()
    expect(await store.bodies(bob, inbox, [1], 1e6)).toEqual([])
    expect(await store.changesSince(bob, inbox, 0)).toEqual({ kind: 'missing' })
    const elsewhere = await idOf('INBOX', bob)
    const answers = [
      await store.append(bob, inbox, []),
      await store.changeFlags(bob, inbox, [1], { mode: 'add', flags: ['\\Seen'] }),
      await store.copy(bob, inbox, [1], elsewhere),
      await store.copy(bob, elsewhere, [1], inbox),
      await store.expunge(bob, inbox),
      await store.remove(bob, inbox, [1]),
    ]
    expect(answers.map(({ kind }) => kind)).toEqual([
      'missing',
      'missing',
      'missing',
      'missing-target',
      'missing',
      'missing',
    ])
  })

  test.each([
    [{ from: 0, to: 4 }, 'From'],
    [{ from: 27, to: 31 }, '\r\nTo'],
    [{ from: 1_000_000, to: 1_000_001 }, ''],
  ])('the octets %j of a message are %j', async (range, expected) => {
    await append('INBOX', mail())
    expect(asText(await store.bytes(ann, inbox, 1, range))).toBe(expected)
  })

  test('flags are added, removed and replaced; keywords keep their first spelling', async () => {
    await append('INBOX', mail(), mail())
    const change = async (mode: 'add' | 'remove' | 'replace', ...flags: string[]) => {
      const answer = await store.changeFlags(ann, inbox, [1, 9], { mode, flags })
      if (answer.kind !== 'changed') throw new Error(answer.kind)
      const packed = answer.done[0]?.flags ?? 0
      return { bits: packed & 31, keywords: (await store.keywordSets([keywordSetOf(packed)]))[0] }
    }
    const { '\\Seen': seen, '\\Flagged': flagged } = flagBits
    expect(await change('add', '\\seen', '$Work', 'later')).toEqual({
      bits: seen,
      keywords: ['$Work', 'later'],
    })
    expect(await change('add', '$WORK', '\\Flagged')).toEqual({
      bits: seen | flagged,
      keywords: ['$Work', 'later'],
    })
    expect(await change('remove', '$work', '\\Seen')).toEqual({ bits: flagged, keywords: ['later'] })
    expect(await change('replace', 'New')).toEqual({ bits: 0, keywords: ['New'] })
    expect(await store.mailbox(ann, 'INBOX')).toMatchObject({ messages: 2, unseen: 2 })
  })

  test('a change that finds flags as asked raises no modseq', async () => {
    await append('INBOX', mail())
    const seen = { mode: 'add', flags: ['\\Seen'] } as const
    const first = await store.changeFlags(ann, inbox, [1], seen)
    const second = await store.changeFlags(ann, inbox, [1], seen)
    expect(second).toEqual(first)
  })

  test('unchangedSince refuses messages that changed, and only these', async () => {
    await append('INBOX', mail(), mail())
    const before = (await store.mailbox(ann, 'INBOX'))?.highestModSeq ?? 0
    await store.changeFlags(ann, inbox, [2], { mode: 'add', flags: ['\\Flagged'] })
    const change = { mode: 'add', flags: ['\\Seen'], unchangedSince: before } as const
    expect(await store.changeFlags(ann, inbox, [1, 2], change)).toMatchObject({
      done: [{ uid: 1, flags: flagBits['\\Seen'] }],
      modified: [2],
    })
  })

  test('more keywords than a message may carry are refused and change nothing', async () => {
    await append('INBOX', mail())
    const flags = Array.from({ length: 101 }, (_, index) => `k${index}`)
    expect(await store.changeFlags(ann, inbox, [1], { mode: 'add', flags })).toEqual({
      kind: 'too-many-keywords',
    })
    await store.changeFlags(ann, inbox, [1], { mode: 'add', flags: flags.slice(0, 60) })
    const rest = { mode: 'add', flags: flags.slice(60) } as const
    expect(await store.changeFlags(ann, inbox, [1], rest)).toEqual({ kind: 'too-many-keywords' })
  })

  test('the image shows every change at once, and earlier images stay as they were', async () => {
    await append('INBOX', mail(), mail(), mail())
    const before = await store.image(ann, inbox)
    await append('INBOX', mail())
    await deleteFlag([2])
    await store.expunge(ann, inbox)
    const after = await store.image(ann, inbox)
    expect([...(before?.uids ?? [])]).toEqual([1, 2, 3])
    expect([...(after?.uids ?? [])]).toEqual([1, 3, 4])
    expect(after?.mailbox).toMatchObject({ messages: 3, uidNext: 5 })
    expect(Math.max(...(after?.modSeqs ?? []))).toBeLessThan(after?.mailbox.highestModSeq ?? 0)
  })

  test('expunge takes the deleted ones among those named, or all deleted ones', async () => {
    await append('INBOX', mail(), mail(), mail(), mail())
    await deleteFlag([1, 2, 4])
    expect(await store.expunge(ann, inbox, [2, 3])).toMatchObject({ kind: 'expunged', uids: [2] })
    expect(await store.expunge(ann, inbox)).toMatchObject({ kind: 'expunged', uids: [1, 4] })
    expect(await uidsOf(inbox)).toEqual([3])
  })

  test('remove takes those that are named and there, whatever their flags', async () => {
    await append('INBOX', mail(), mail(), mail())
    await deleteFlag([3])
    expect(await store.remove(ann, inbox, [2, 1, 9])).toMatchObject({ kind: 'expunged', uids: [1, 2] })
    expect(await uidsOf(inbox)).toEqual([3])
  })

  test('the log tells who left since a modseq, and when it cannot', async () => {
    await append('INBOX', mail(), mail(), mail())
    const start = (await store.mailbox(ann, 'INBOX'))?.highestModSeq ?? 0
    await deleteFlag([1, 3])
    await store.expunge(ann, inbox, [3])
    const middle = (await store.mailbox(ann, 'INBOX'))?.highestModSeq ?? 0
    await store.expunge(ann, inbox, [1])
    expect(await store.changesSince(ann, inbox, start)).toMatchObject({ kind: 'changes', expunged: [1, 3] })
    expect(await store.changesSince(ann, inbox, middle)).toMatchObject({ kind: 'changes', expunged: [1] })
    expect(await store.changesSince(ann, inbox, 0)).toEqual({ kind: 'too-old' })
    expect(await store.changesSince(ann, 12_345, 0)).toEqual({ kind: 'missing' })
  })

  test('copies keep flags, date, thread and email id; the octets are shared', async () => {
    await append('INBOX', mail({ subject: 'a' }), mail({ subject: 'b' }))
    await store.changeFlags(ann, inbox, [2], { mode: 'add', flags: ['\\Seen', 'k'] })
    const archive = await idOf('Archive')
    const answer = await store.copy(ann, inbox, [1, 2, 7], archive)
    expect(answer).toMatchObject({ kind: 'copied', from: [1, 2], to: [1, 2] })
    const fields = ['ids', 'receivedAt', 'envelope'] as const
    expect(await store.rows(ann, archive, [1, 2], fields)).toEqual(
      await store.rows(ann, inbox, [1, 2], fields),
    )
    expect((await store.image(ann, archive))?.flags).toEqual((await store.image(ann, inbox))?.flags)
    expect((await at.care.verify()).bodies).toBe(2)
  })

  test('a message can be copied to where it is', async () => {
    await append('INBOX', mail())
    expect(await store.copy(ann, inbox, [1], inbox)).toMatchObject({ from: [1], to: [2] })
    expect(await uidsOf(inbox)).toEqual([1, 2])
  })

  test('a moved message is in one mailbox only', async () => {
    await append('INBOX', mail(), mail())
    const trash = await idOf('Trash')
    expect(await store.move(ann, inbox, [2, 1], trash)).toMatchObject({
      kind: 'copied',
      from: [1, 2],
      to: [1, 2],
    })
    expect([await uidsOf(inbox), await uidsOf(trash)]).toEqual([[], [1, 2]])
    expect((await store.usage(ann)).messages).toBe(2)
  })

  test('quota refuses APPEND and COPY, never a delivery or a MOVE', async () => {
    const text = mail()
    await at.accounts.putAccount(ann, { quotaBytes: text.length + 10 })
    await append('INBOX', text)
    const message = await sealed(bytes, text)
    const archive = await idOf('Archive')
    const appended = await store.append(ann, inbox, [{ message, flags: [], receivedAt: 0 }])
    expect(appended).toEqual({ kind: 'over-quota' })
    expect(await store.copy(ann, inbox, [1], archive)).toEqual({ kind: 'over-quota' })
    expect(await store.move(ann, inbox, [1], archive)).toMatchObject({ kind: 'copied' })
    expect(await store.accept(delivery(await sealed(bytes, text), {}))).toMatchObject({ kind: 'accepted' })
    expect(await store.usage(ann)).toEqual({
      quotaBytes: text.length + 10,
      usedBytes: text.length * 2,
      messages: 2,
      active: true,
    })
  })

  test('usage is right after every change, however often it is asked', async () => {
    const text = mail()
    const archive = await idOf('Archive')
    const says = async (messages: number, quotaBytes = 0) =>
      expect(await store.usage(ann)).toEqual({
        quotaBytes,
        usedBytes: messages * text.length,
        messages,
        active: true,
      })
    await says(0)
    await append('INBOX', text, text)
    await says(2)
    await store.copy(ann, inbox, [1, 2], archive)
    await says(4)
    await store.move(ann, inbox, [1], archive)
    await says(4)
    await at.accounts.putAccount(ann, { quotaBytes: 1_000_000 })
    await says(4, 1_000_000)
    await store.accept(delivery(await sealed(bytes, text), {}))
    await says(5, 1_000_000)
    await store.changeFlags(ann, archive, [1], { mode: 'add', flags: ['\\Deleted'] })
    await store.expunge(ann, archive, [1])
    await says(4, 1_000_000)
    await store.deleteMailbox(ann, 'Archive')
    await says(2, 1_000_000)
  })

  test('replies join the thread of what they answer, other subjects begin their own', async () => {
    await append(
      'INBOX',
      mail({ subject: 'Plans', headers: ['Message-ID: <1@x>'] }),
      mail({ subject: 'Re: Plans', headers: ['Message-ID: <2@x>', 'In-Reply-To: <1@x>'] }),
      mail({ subject: 'AW: plans', headers: ['Message-ID: <3@x>', 'References: <0@x> <2@x>'] }),
      mail({ subject: 'Other', headers: ['Message-ID: <4@x>', 'In-Reply-To: <1@x>'] }),
      mail({ subject: 'Other' }),
    )
    const rows = await store.rows(ann, inbox, [1, 2, 3, 4, 5], ['ids'])
    const threads = rows.map(({ ids }) => ids?.threadId)
    expect(new Set(threads.slice(0, 2)).size).toBe(1)
    expect(new Set(threads).size).toBeGreaterThanOrEqual(3)
  })
})
