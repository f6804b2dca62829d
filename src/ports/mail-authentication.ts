import type { Arrival } from './intake.ts'

/** SPF, DKIM, DMARC and ARC of an arriving message. */
export interface MailAuthenticator {
  authenticate(arrival: Arrival): Promise<AuthReport>
}

/** Trace header to add (`Authentication-Results: …`, CRLF-ended); empty where nothing was checked. */
export interface AuthReport {
  readonly header: string
}
