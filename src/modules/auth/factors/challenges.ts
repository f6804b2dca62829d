import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../ports/runtime.ts'

const nonceBytes = 16
const untilBytes = 6
const goodMs = 30 * 60_000
/** Of those that were used; a signature over one is good once. */
const remembered = 20_000

/** What a passkey signs. It says itself that it is ours, and until when, so that pages that nobody uses cost no memory. */
export class Challenges {
  readonly #key: () => Buffer
  readonly #clock: Clock
  readonly #used = new LRUCache<string, true>({ max: remembered })

  constructor(key: () => Buffer, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  issue(purpose: string): string {
    const head = Buffer.alloc(nonceBytes + untilBytes)
    randomBytes(nonceBytes).copy(head)
    head.writeUIntBE(this.#clock.now() + goodMs, nonceBytes, untilBytes)
    return Buffer.concat([head, this.#sign(purpose, head)]).toString('base64url')
  }

  isGood(purpose: string, challenge: string): boolean {
    const bytes = Buffer.from(challenge, 'base64url')
    const head = bytes.subarray(0, nonceBytes + untilBytes)
    const signature = this.#sign(purpose, head)
    if (bytes.length !== head.length + signature.length) return false
    if (!timingSafeEqual(bytes.subarray(head.length), signature)) return false
    return head.readUIntBE(nonceBytes, untilBytes) > this.#clock.now() && !this.#used.has(challenge)
  }

  /** False where it was used meanwhile. */
  use(challenge: string): boolean {
    if (this.#used.has(challenge)) return false
    this.#used.set(challenge, true)
    return true
  }

  #sign(purpose: string, head: Buffer): Buffer {
    return createHmac('sha256', this.#key()).update(`${purpose}\0`).update(head).digest().subarray(0, 16)
  }
}
