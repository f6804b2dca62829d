import type { Networks } from '../../lib/networks.ts'

/** PROXY_AUTH_*: a proxy in front has signed people in already. */
export interface ProxySignIn {
  /** PROXY_AUTH_WHITELIST: whose word counts; nobody's where it is empty. */
  readonly from: Networks
  /** PROXY_AUTH_HEADER. */
  readonly header: string
  /** PROXY_AUTH_CREATE: whoever is not there yet gets an account. */
  readonly creates: boolean
}
