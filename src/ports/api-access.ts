import type { Throttled } from './credentials.ts'

/** Who may use the API. Guesses are counted as those of sign-ins are: whoever makes many waits. */
export interface ApiAccess {
  verify(attempt: ApiAttempt): Promise<ApiVerdict>
}

interface ApiAttempt {
  /** As the client sent it. Empty: it sent nothing that could be one, which counts as a guess. */
  readonly token: string
  readonly ip: string
  readonly connection: string
}

type ApiVerdict =
  /** `actor` is who the audit says it was. */
  { readonly kind: 'accepted'; readonly actor: string } | { readonly kind: 'refused' } | Throttled
