/** The accounts that both sides have. */
export const domain = 'example.test'
export const password = 'pw-of-the-bench'
export const bigMailboxOwner = `big10k@${domain}`

export const user = (number: number): string => `u${number}@${domain}`

export const accounts: readonly string[] = [
  ...Array.from({ length: 100 }, (_, index) => user(index + 1)),
  bigMailboxOwner,
]
