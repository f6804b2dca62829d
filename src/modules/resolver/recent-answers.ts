import { LRUCache } from 'lru-cache'
import type { Clock } from '../../ports/runtime.ts'

interface Said {
  readonly answer: Buffer
  readonly until: number
}

const mostAnswers = 2000
/** Times to live are whole seconds: for that long the same question has the same answer. */
const sameForMs = 1000
const mostOctets = 512

/** The same client asking the very same octets again within a second gets the very same answer, but for its id. */
export class RecentAnswers {
  readonly #clock: Clock
  readonly #said = new LRUCache<string, Said>({ max: mostAnswers })

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(question: Buffer, ip: string): Buffer | undefined {
    if (question.length > mostOctets) return undefined
    const said = this.#said.get(keyOf(question, ip))
    if (!said || this.#clock.now() >= said.until) return undefined
    const answer = Buffer.allocUnsafe(said.answer.length)
    said.answer.copy(answer)
    question.copy(answer, 0, 0, 2)
    return answer
  }

  keep(question: Buffer, ip: string, answer: Buffer): void {
    if (question.length > mostOctets) return
    this.#said.set(keyOf(question, ip), { answer, until: this.#clock.now() + sameForMs })
  }
}

function keyOf(question: Buffer, ip: string): string {
  return ip + question.toString('latin1', 2)
}
