/** What a client wrote does not fit the grammar. The only thing a grammar throws. */
export class BadSyntax extends Error {
  /** Where in the text, counted in characters from 0. */
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'BadSyntax'
    this.offset = offset
  }
}
