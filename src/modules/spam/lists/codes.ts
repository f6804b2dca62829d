/** Whether an answer is meant: the four numbers of an address. */
export type Matches = (octets: readonly number[]) => boolean

export const any: Matches = () => true

/** The last number, whatever stands before. */
export const ending =
  (from: number, to: number = from): Matches =>
  ([, , , last = -1]) =>
    last >= from && last <= to

export const exactly =
  (address: string): Matches =>
  (octets) =>
    octets.join('.') === address

/** Lists that say several things at once: 127.0.0.1 says none of them. */
export const bit =
  (value: number): Matches =>
  ([, , , last = 0]) =>
    (last & value) !== 0

/** What no list means as an answer about what was asked: Spamhaus' and others' errors. */
export const isError: Matches = ([, second, third]) => second === 255 && third === 255

/** RFC 5782 §2.1: lists answer with addresses of this network; a domain that was let go answers with others to everything. */
export const isAnswer: Matches = ([first]) => first === 127
