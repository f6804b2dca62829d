import { createHash } from 'node:crypto'
import { gather } from '../../lib/gather.ts'
import type { BreachedPasswords } from '../../ports/breached-passwords.ts'
import type { Log } from '../../ports/runtime.ts'

const prefixDigits = 5
const patienceMs = 3_000
/** A padded answer has some 1,000 lines of 40 octets. */
const mostOctets = 1024 * 1024

interface Needs {
  /** What the first five digits of a digest are put behind; undefined: nobody is asked. */
  readonly url: string | undefined
  readonly log: Log
}

/**
 * By k-anonymity: the service learns five hexadecimal digits of the SHA-1, which some thousand passwords share, and answers with
 * the rest of all it knows. https://haveibeenpwned.com/API/v3#PwnedPasswords
 */
export function createBreachedPasswords({ url, log }: Needs): BreachedPasswords {
  return {
    look: async (password) => {
      if (url === undefined) return 'unasked'
      const digest = createHash('sha1').update(password).digest('hex').toUpperCase()
      try {
        const range = await read(`${url}${digest.slice(0, prefixDigits)}`)
        return isIn(range, digest.slice(prefixDigits)) ? 'breached' : 'not-known'
      } catch (cause) {
        log.warn('password.not-looked-up', { reason: cause instanceof Error ? cause.message : String(cause) })
        return 'unasked'
      }
    },
  }
}

/** With padding, so that the size of an answer says nothing to who watches the line. */
async function read(url: string): Promise<string> {
  const answer = await fetch(url, {
    headers: { 'Add-Padding': 'true' },
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  })
  if (!answer.ok) {
    await answer.body?.cancel()
    throw new Error(`the answer was ${answer.status}`)
  }
  const range = answer.body && (await gather(answer.body, mostOctets))
  if (!range) throw new Error(answer.body ? 'the answer is too long' : 'the answer is empty')
  return range.toString('latin1')
}

/** Lines of padding have a count of 0. */
function isIn(range: string, rest: string): boolean {
  return range.split('\n').some((line) => {
    const [suffix = '', count = ''] = line.trim().split(':')
    return suffix.toUpperCase() === rest && Number(count) > 0
  })
}
