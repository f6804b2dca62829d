export type MailClass = 'ham' | 'spam'

/** In how many messages of each class a token was seen: a hash table of numbers, some 12 octets for each. */
export class TokenCounts {
  #messages: Readonly<Record<MailClass, number>>
  #keys = new Int32Array(firstSlots)
  #ham = new Uint16Array(firstSlots)
  #spam = new Uint16Array(firstSlots)
  #used = 0

  constructor(messages: Readonly<Record<MailClass, number>> = { ham: 0, spam: 0 }) {
    this.#messages = messages
  }

  /** Messages that were counted. */
  get messages(): Readonly<Record<MailClass, number>> {
    return this.#messages
  }

  get size(): number {
    return this.#used
  }

  /**
   * That a message with this token is spam, as if both classes were equally frequent; drawn to undecided by `doubt` for what is
   * rare. Undefined for a token that was never seen.
   */
  probability(token: number, doubt: number): number | undefined {
    const slot = this.#slotOf(token)
    const ham = this.#ham[slot] ?? 0
    const spam = this.#spam[slot] ?? 0
    const seen = ham + spam
    if (seen === 0) return undefined
    const inHam = ham / Math.max(this.#messages.ham, 1)
    const inSpam = spam / Math.max(this.#messages.spam, 1)
    return (doubt / 2 + (seen * inSpam) / (inHam + inSpam)) / (doubt + seen)
  }

  /** `by` is 1, or -1 to take a message back. */
  add(tokens: Iterable<number>, as: MailClass, by: 1 | -1): void {
    this.#messages = { ...this.#messages, [as]: Math.max(0, this.#messages[as] + by) }
    for (const token of tokens) this.#count(token, as, by)
  }

  /** As it was kept. */
  set(token: number, ham: number, spam: number): void {
    this.#count(token, 'ham', ham)
    this.#count(token, 'spam', spam)
  }

  #count(token: number, as: MailClass, by: number): void {
    if (this.#used * 2 > this.#keys.length) this.#grow()
    const slot = this.#slotOf(token)
    const isNew = this.#keys[slot] === 0
    if (isNew && by <= 0) return
    if (isNew) {
      this.#keys[slot] = keyOf(token)
      this.#used++
    }
    const counts = as === 'spam' ? this.#spam : this.#ham
    counts[slot] = Math.min(Math.max((counts[slot] ?? 0) + by, 0), mostSeen)
  }

  /** Where the token stands, or the free slot where it would. */
  #slotOf(token: number): number {
    const key = keyOf(token)
    const mask = this.#keys.length - 1
    let slot = Math.imul(key, 0x9e3779b1) >>> Math.clz32(mask)
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & mask
    return slot
  }

  #grow(): void {
    const [keys, ham, spam] = [this.#keys, this.#ham, this.#spam]
    const isUsed = (at: number) => keys[at] !== 0 && (ham[at] !== 0 || spam[at] !== 0)
    // What was taken back makes room again.
    this.#used = 0
    for (let at = 0; at < keys.length; at++) if (isUsed(at)) this.#used++
    const slots = this.#used * 4 > keys.length ? keys.length * 2 : keys.length
    this.#keys = new Int32Array(slots)
    this.#ham = new Uint16Array(slots)
    this.#spam = new Uint16Array(slots)
    for (const [at, key] of keys.entries()) {
      if (!isUsed(at)) continue
      const slot = this.#slotOf(key)
      this.#keys[slot] = key
      this.#ham[slot] = ham[at] ?? 0
      this.#spam[slot] = spam[at] ?? 0
    }
  }
}

const firstSlots = 1024
const mostSeen = 65_535

/** 0 marks a free slot. */
function keyOf(token: number): number {
  return token === 0 ? 1 : token | 0
}
