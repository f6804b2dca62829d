/** 32-bit numbers, each once, in the order in which they came; to be cleared and used again. */
export class NumberSet {
  #list = new Int32Array(firstRoom)
  /** A hash table of places in the list, counted from 1. */
  #slots = new Int32Array(firstRoom * slotsEach)
  #size = 0

  add(number: number): void {
    const slot = this.#slotOf(number)
    if (this.#slots[slot] !== 0) return
    this.#list[this.#size++] = number
    this.#slots[slot] = this.#size
    if (this.#size === this.#list.length) this.#grow()
  }

  get size(): number {
    return this.#size
  }

  /** How many of them are in the other one, too. */
  shared(other: NumberSet): number {
    let count = 0
    for (let at = 0; at < this.#size; at++)
      if (other.#slots[other.#slotOf(this.#list[at] ?? 0)] !== 0) count++
    return count
  }

  /** A copy. */
  values(): Int32Array {
    return this.#list.slice(0, this.#size)
  }

  clear(): void {
    this.#size = 0
    if (this.#list.length <= mostKept) this.#slots.fill(0)
    else this.#makeRoom(new Int32Array(firstRoom))
  }

  /** Where it stands, or the free slot where it would. */
  #slotOf(number: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = Math.imul(number, 0x9e3779b1) >>> Math.clz32(mask)
    for (let place = slots[slot] ?? 0; place !== 0; place = slots[slot] ?? 0) {
      if (this.#list[place - 1] === number) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const list = new Int32Array(this.#list.length * 2)
    list.set(this.#list)
    this.#makeRoom(list)
    for (let at = 0; at < this.#size; at++) this.#slots[this.#slotOf(list[at] ?? 0)] = at + 1
  }

  #makeRoom(list: Int32Array<ArrayBuffer>): void {
    this.#list = list
    this.#slots = new Int32Array(list.length * slotsEach)
  }
}

const firstRoom = 2048
const slotsEach = 2
const mostKept = 16_384
