import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { MailboxId } from '../../../ports/mail-store.ts'
import { later, no, type Reply, replies } from '../commands/replies.ts'
import type { Opened } from './opened.ts'

/** Among the notes of a mailbox, under a name that METADATA does not show. */
const entry = '/urlauth/key'
const keyOctets = 32
/** In front of each token, so that another way to make them can come one day. */
const version = '01'

/** The key of each mailbox with which its owner signs URLs. RFC 4467 §4. It goes with the mailbox, and when the owner says so. */
export class UrlKeys {
  readonly #making = new Map<MailboxId, Promise<Buffer | Reply>>()

  /** The token of a URL; a mailbox without a key gets one. */
  async sign(at: Opened<'r'>, rump: string): Promise<string | Reply> {
    const key = (await keyOf(at)) ?? (await this.#make(at))
    return 'kind' in key ? key : tokenOf(key, rump)
  }

  async isSigned(at: Opened<'r'>, rump: string, token: string): Promise<boolean> {
    const key = await keyOf(at)
    if (!key) return false
    const [expected, given] = [tokenOf(key, rump), token.toLowerCase()].map((text) => Buffer.from(text))
    return expected !== undefined && given?.length === expected.length && timingSafeEqual(expected, given)
  }

  /** All that was signed with it is worth nothing afterwards. */
  async reset(at: Opened<'r'>): Promise<Reply | undefined> {
    return refusalOf(await at.annotatePrivately([{ name: entry, value: undefined }]))
  }

  /** Once, whoever asks meanwhile. */
  #make(at: Opened<'r'>): Promise<Buffer | Reply> {
    const { id } = at.mailbox
    const making =
      this.#making.get(id) ??
      made(at).finally(() => {
        this.#making.delete(id)
      })
    this.#making.set(id, making)
    return making
  }
}

async function made(at: Opened<'r'>): Promise<Buffer | Reply> {
  // Somebody may have made it since it was looked for.
  const known = await keyOf(at)
  if (known) return known
  const key = randomBytes(keyOctets)
  return refusalOf(await at.annotatePrivately([{ name: entry, value: key }])) ?? key
}

async function keyOf(at: Opened<'r'>): Promise<Buffer | undefined> {
  const found = (await at.annotations()).find(({ name }) => name === entry)
  return found && Buffer.from(found.value)
}

function tokenOf(key: Buffer, rump: string): string {
  return version + createHmac('sha256', key).update(rump).digest('hex')
}

function refusalOf(outcome: Awaited<ReturnType<Opened<'r'>['annotatePrivately']>>): Reply | undefined {
  switch (outcome.kind) {
    case 'done':
      return undefined
    case 'missing':
      return replies.noSuchMailbox
    case 'too-many':
      return no('LIMIT', 'Too many notes are kept; remove some first')
    case 'later':
      return later(outcome)
  }
}
