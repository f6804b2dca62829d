import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Grant, MailShares } from '../../src/ports/mail-shares.ts'
import type { MailStore } from '../../src/ports/mail-store.ts'
import { bothWays } from '../support/both-ways.ts'
import { account, appendTo, mail, startStore, type TestStore } from '../support/store.ts'

const ann = account(1)
const bob = account(2)
const cid = account(3)

let at: TestStore
beforeEach(async () => {
  at = await startStore()
  for (const each of [ann, bob, cid]) await at.accounts.putAccount(each, { quotaBytes: 0 })
})
afterEach(async () => {
  expect((await at.care.verify()).problems).toEqual([])
  await at.end()
})

describe.each(bothWays)('shared mailboxes, %s', (_, way) => {
  let store: MailStore
  let shares: MailShares
  beforeEach(() => {
    store = way(at.store)
    shares = way(at.shares)
  })

  const idOf = async (name: string, owner = ann) => (await store.mailbox(owner, name))?.id ?? 0
  const give = async (name: string, to: Grant['grantee'], rights: string, negative = false) =>
    await shares.grant(ann, await idOf(name), { grantee: to, negative }, { mode: 'replace', rights })
  const given = async (name: string) =>
    (await shares.grants(ann, await idOf(name))).map(({ grantee, rights, negative }) => [
      grantee,
      `${negative ? '-' : ''}${rights}`,
    ])
  const seenBy = async (who: typeof ann) => {
    const found: unknown[][] = []
    for (const sharer of await shares.sharers(who))
      for (const { owner, mailbox, grants } of await shares.sharedWith(who, sharer))
        found.push([owner, mailbox.name, grants.map(({ rights }) => rights).join()])
    return found
  }

  test('what is given is there, in order, and can be added to and taken away', async () => {
    expect(await give('Sent', bob, 'rl')).toEqual({ kind: 'done' })
    await give('Sent', 'anyone', 'l')
    await give('Sent', bob, 't', true)
    expect(await given('Sent')).toEqual([
      ['anyone', 'l'],
      [bob, 'lr'],
      [bob, '-t'],
    ])
    const sent = await idOf('Sent')
    const to = { grantee: bob, negative: false }
    await shares.grant(ann, sent, to, { mode: 'add', rights: 'xs' })
    await shares.grant(ann, sent, to, { mode: 'remove', rights: 'lk' })
    expect(await given('Sent')).toContainEqual([bob, 'rsx'])
    await shares.grant(ann, sent, to, { mode: 'remove', rights: 'rsx' })
    expect(await given('Sent')).toEqual([
      ['anyone', 'l'],
      [bob, '-t'],
    ])
    expect(await given('INBOX')).toEqual([])
  })

  test('each sees what concerns them, never their own', async () => {
    await give('Sent', bob, 'lr')
    await give('INBOX', 'anyone', 'l')
    expect(await seenBy(bob)).toEqual([
      [ann, 'INBOX', 'l'],
      [ann, 'Sent', 'lr'],
    ])
    expect(await seenBy(cid)).toEqual([[ann, 'INBOX', 'l']])
    expect(await seenBy(ann)).toEqual([])
  })

  test('they stay with a mailbox that is renamed, and go with one that is deleted', async () => {
    await store.createMailbox(ann, 'Work')
    await give('Work', bob, 'lr')
    await store.renameMailbox(ann, 'Work', 'Play')
    expect(await seenBy(bob)).toEqual([[ann, 'Play', 'lr']])
    await store.deleteMailbox(ann, 'Play')
    await store.createMailbox(ann, 'Play')
    expect(await seenBy(bob)).toEqual([])
  })

  test('what is made below a shared mailbox is shared like it', async () => {
    await store.createMailbox(ann, 'Work')
    await give('Work', bob, 'lrk')
    await store.createMailbox(ann, 'Work/2026/May')
    expect((await seenBy(bob)).map(([, name]) => name)).toEqual(['Work', 'Work/2026', 'Work/2026/May'])
    await store.createMailbox(ann, 'Other')
    expect(await given('Other')).toEqual([])
  })

  test('of an account that is removed nothing is shown, and to it nothing is given any more', async () => {
    await give('Sent', bob, 'lr')
    await give('Sent', cid, 'lr')
    await at.accounts.removeAccount(cid)
    expect(await given('Sent')).toEqual([[bob, 'lr']])
    await at.accounts.removeAccount(ann)
    expect(await seenBy(bob)).toEqual([])
    expect(await shares.sharedWith(bob, ann)).toEqual([])
  })

  test('who looks at the mail of an account hears when it is removed', async () => {
    const sent = await idOf('Sent')
    const deleted: number[] = []
    at.store.watch(ann, (change) => {
      if (change.kind === 'mailboxes') deleted.push(...change.deleted)
    })
    await at.accounts.removeAccount(ann)
    expect(deleted).toContain(sent)
  })

  test('who gives what is not theirs gives nothing', async () => {
    const to = { grantee: cid, negative: false }
    const change = { mode: 'replace', rights: 'lr' } as const
    expect(await shares.grant(bob, await idOf('Sent'), to, change)).toEqual({ kind: 'missing' })
    expect(await shares.grants(bob, await idOf('Sent'))).toEqual([])
  })

  test('a grant is heard of by who watches the owner', async () => {
    const heard: string[] = []
    const stop = at.store.watch(ann, ({ kind }) => void heard.push(kind))
    await give('Sent', bob, 'lr')
    await give('Sent', bob, 'rl')
    stop()
    expect(heard).toEqual(['mailboxes'])
  })

  test('a copy for another account shares the body, and is theirs: threads, quota, flags that they let pass', async () => {
    const text = mail({ subject: 'One', headers: ['Message-ID: <1@x>'] })
    await appendTo(at, ann, 'INBOX', text)
    await appendTo(
      at,
      bob,
      'INBOX',
      mail({ subject: 'Re: One', headers: ['Message-ID: <2@x>', 'In-Reply-To: <1@x>'] }),
    )
    const [from, to] = [await idOf('INBOX'), await idOf('INBOX', bob)]
    await store.changeFlags(ann, from, [1], { mode: 'add', flags: ['\\Seen', '\\Deleted', '\\Flagged', 'a'] })
    const scope = { seen: true, deleted: false, others: true }
    expect(await store.copy(ann, from, [1], { owner: bob, mailbox: to, scope })).toMatchObject({
      kind: 'copied',
      from: [1],
      to: [2],
    })
    const [reply, copied] = await store.rows(bob, to, [1, 2], ['ids', 'envelope', 'size'])
    expect(copied?.ids?.threadId).toBe(reply?.ids?.threadId)
    const [original] = await store.rows(ann, from, [1], ['ids', 'envelope', 'size'])
    expect(copied?.ids?.emailId).not.toBe(original?.ids?.emailId)
    expect([copied?.envelope, copied?.size]).toEqual([original?.envelope, original?.size])
    expect((await store.image(bob, to))?.flags[1] ?? 0).toBe(
      ((await store.image(ann, from))?.flags[0] ?? 0) & ~8,
    )
    expect(await store.bytes(bob, to, 2)).toEqual(await store.bytes(ann, from, 1))
    expect((await store.usage(bob)).messages).toBe(2)
  })

  test('a move to another account counts there, and is refused where it is full', async () => {
    await appendTo(at, ann, 'INBOX', mail())
    const [from, mailbox] = [await idOf('INBOX'), await idOf('INBOX', bob)]
    const to = { owner: bob, mailbox, scope: { seen: true, deleted: true, others: true } }
    await at.accounts.putAccount(bob, { quotaBytes: 10 })
    expect(await store.move(ann, from, [1], to)).toEqual({ kind: 'over-quota' })
    await at.accounts.putAccount(bob, { quotaBytes: 10_000 })
    expect(await store.move(ann, from, [1], to)).toMatchObject({ kind: 'copied', to: [1] })
    expect([await store.usage(ann), await store.usage(bob)]).toMatchObject([{ messages: 0 }, { messages: 1 }])
  })

  test('a copy of many goes piece by piece, and is taken back where the quota ends in between', async () => {
    const texts = Array.from({ length: 600 }, (_, index) =>
      mail({ subject: `${index}`, body: 'x'.repeat(100) }),
    )
    await appendTo(at, ann, 'INBOX', ...texts)
    const [from, mailbox] = [await idOf('INBOX'), await idOf('INBOX', bob)]
    const to = { owner: bob, mailbox, scope: { seen: true, deleted: true, others: true } }
    const uids = texts.map((_, index) => index + 1)
    await at.accounts.putAccount(bob, {
      quotaBytes: 550 * mail({ subject: '000', body: 'x'.repeat(100) }).length,
    })
    expect(await store.copy(ann, from, uids, to)).toEqual({ kind: 'over-quota' })
    expect(await store.usage(bob)).toMatchObject({ messages: 0, usedBytes: 0 })
    await at.accounts.putAccount(bob, { quotaBytes: 0 })
    const copied = await store.copy(ann, from, uids, to)
    expect(copied).toMatchObject({ kind: 'copied', from: uids, to: uids.map((uid) => uid + 500) })
    expect(await store.move(ann, from, uids, to)).toMatchObject({ kind: 'copied', from: uids })
    expect([await store.usage(ann), await store.usage(bob)]).toMatchObject([
      { messages: 0 },
      { messages: 1200 },
    ])
  })

  test('a copy outlives the original and its account', async () => {
    await appendTo(at, ann, 'INBOX', mail())
    const [from, mailbox] = [await idOf('INBOX'), await idOf('INBOX', bob)]
    const scope = { seen: true, deleted: true, others: true }
    await store.copy(ann, from, [1], { owner: bob, mailbox, scope })
    const before = await store.bytes(bob, mailbox, 1)
    await at.accounts.removeAccount(ann)
    await at.clock.advance(3 * 24 * 60 * 60 * 1000)
    expect(await store.bytes(bob, mailbox, 1)).toEqual(before)
  })

  test('changes of flags leave alone what is out of scope', async () => {
    await appendTo(at, ann, 'INBOX', mail())
    const inbox = await idOf('INBOX')
    await store.changeFlags(ann, inbox, [1], { mode: 'add', flags: ['\\Flagged', 'a'] })
    const scope = { seen: true, deleted: false, others: false }
    await store.changeFlags(ann, inbox, [1], { mode: 'replace', flags: ['\\Seen', '\\Deleted', 'b'], scope })
    const packed = (await store.image(ann, inbox))?.flags[0] ?? 0
    expect(packed & 31).toBe(1 | 4)
    expect(await store.keywordSets([packed >>> 5])).toEqual([['a']])
  })

  test('a draft may be replaced by one in the mailbox of another', async () => {
    await appendTo(at, ann, 'Drafts', mail())
    const [from, mailbox] = [await idOf('Drafts'), await idOf('Sent', bob)]
    const draft = await at.bytes.begin()
    await at.bytes.write(draft, new TextEncoder().encode(mail()))
    const sealed = await at.bytes.seal(draft)
    if (sealed.kind !== 'sealed') throw new Error(sealed.text)
    const message = { message: sealed.ref, flags: [], receivedAt: 1 }
    expect(await store.replace(ann, from, 1, { owner: bob, mailbox }, message)).toMatchObject({
      kind: 'replaced',
      uid: 1,
    })
    expect([await store.usage(ann), await store.usage(bob)]).toMatchObject([{ messages: 0 }, { messages: 1 }])
  })

  test('notes about the mailbox of another are one’s own, and go with it', async () => {
    const sent = await idOf('Archive')
    const note = [{ name: '/private/a', value: new Uint8Array([65]) }]
    expect(await store.annotate(bob, sent, note)).toEqual({ kind: 'done' })
    expect(await store.annotations(ann, sent)).toEqual([])
    expect(await store.annotations(bob, sent)).toHaveLength(1)
    await store.deleteMailbox(ann, 'Archive')
    expect(await store.annotations(bob, sent)).toEqual([])
  })
})
