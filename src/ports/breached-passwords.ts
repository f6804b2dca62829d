/** Passwords that thieves have and try first. */
export interface BreachedPasswords {
  /** `unasked`: it is switched off, or nobody answered; that keeps nobody from choosing a password. */
  look(password: string): Promise<'breached' | 'not-known' | 'unasked'>
}
