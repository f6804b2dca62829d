import { debinary } from '../../../lib/mime/debinary.ts'
import type { Refused } from '../../../ports/intake.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { Incoming, Received } from './incoming.ts'

/** Octets that may be held for conversion, shared by all sessions. */
export interface BinaryBudget {
  left: number
}

/**
 * A BODY=BINARYMIME message (RFC 3030 §3): gathered whole, then handed on in a form that IMAP and every relay can carry. The
 * one place where a message lies in memory as a whole.
 */
export class BinaryIncoming {
  readonly #target: Incoming
  readonly #budget: BinaryBudget
  readonly #sizeLimit: number
  #chunks: Buffer[] = []
  #octets = 0
  #held = 0
  #trouble: Refused | TryLater | undefined

  constructor(target: Incoming, budget: BinaryBudget, sizeLimit: number) {
    this.#target = target
    this.#budget = budget
    this.#sizeLimit = sizeLimit
  }

  get trouble(): Refused | TryLater | undefined {
    return this.#trouble
  }

  async push(chunk: Buffer): Promise<void> {
    this.#octets += chunk.length
    if (this.#trouble) return
    if (this.#sizeLimit > 0 && this.#octets > this.#sizeLimit) {
      this.#fail({ kind: 'refused', code: 552, status: '5.3.4', text: 'Message too large' })
    } else if (chunk.length > this.#budget.left) {
      this.#fail({
        kind: 'later',
        reason: 'overloaded',
        text: 'Too many binary messages at once; try again soon',
      })
    } else {
      this.#chunks.push(chunk)
      this.#held += chunk.length
      this.#budget.left -= chunk.length
    }
  }

  async finish(): Promise<Received> {
    if (this.#trouble) return this.#trouble
    const whole = Buffer.concat(this.#chunks)
    this.#chunks = []
    const converted = debinary(whole)
    await this.#target.push(Buffer.from(converted.buffer, converted.byteOffset, converted.length))
    this.#letGo()
    return this.#target.finish()
  }

  async abandon(): Promise<void> {
    this.#letGo()
    await this.#target.abandon()
  }

  #fail(trouble: Refused | TryLater): void {
    this.#trouble = trouble
    this.#letGo()
  }

  #letGo(): void {
    this.#chunks = []
    this.#budget.left += this.#held
    this.#held = 0
  }
}
