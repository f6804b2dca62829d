import type { ChallengeKind, Problem } from './errand.ts'

export interface Trouble {
  readonly text: string
  readonly todo: string
}

/** What the authority said, in plain words, with what to do about it. RFC 8555 §6.7 lists its words. */
export function nameTrouble(name: string, { type, text }: Problem, challenge: ChallengeKind): Trouble {
  const said = `The authority said: ${text}`
  switch (type) {
    case 'dns':
      return {
        text: `${name} was not found in DNS. ${said}`,
        todo:
          challenge === 'dns-01'
            ? recordTodo(name)
            : `make A (and AAAA) records of ${name} point to this server`,
      }
    case 'connection':
      return {
        text: `The authority did not reach this server at ${name}. ${said}`,
        todo: `let ${door(challenge)} through to this server from everywhere, and check that DNS gives its address for ${name}`,
      }
    case 'tls':
    case 'unauthorized':
    case 'incorrectResponse':
      return {
        text: `At ${name} the authority found something else than this server. ${said}`,
        todo:
          challenge === 'dns-01'
            ? recordTodo(name)
            : `check that every A and AAAA record of ${name} is an address of this server, and that no proxy answers at ${door(challenge)}`,
      }
    case 'dns-update':
      return {
        text: `The TXT record of _acme-challenge.${name} could not be written: ${text}`,
        todo: 'check ACME_DNS_SERVER and ACME_DNS_KEY, and that this key may change TXT records there',
      }
    case 'caa':
      return {
        text: `A CAA record forbids this authority to issue for ${name}. ${said}`,
        todo: `take that record away, or let it name the authority`,
      }
    default:
      return { text: `No certificate for ${name}. ${said}`, todo: todoOf(type) }
  }
}

/** What is in the way of all names. */
export function orderTrouble({ type, text }: Problem, directory: string): Trouble {
  if (type === '') {
    return {
      text: `The authority at ${directory} cannot be asked: ${text}`,
      todo: 'check that this machine reaches it over HTTPS, and that ACME_DIRECTORY is right',
    }
  }
  return { text: `The authority refused: ${text}`, todo: todoOf(type) }
}

function todoOf(type: string): string {
  switch (type) {
    case 'rateLimited':
      return 'wait: the authority takes a limited number of orders, and is asked again later'
    case 'externalAccountRequired':
      return 'set ACME_EAB_KID and ACME_EAB_HMAC to what the authority gave you'
    case 'rejectedIdentifier':
    case 'malformed':
      return 'check HOSTNAMES: public authorities issue for names in public DNS alone'
    case 'invalidContact':
    case 'unsupportedContact':
      return 'check POSTMASTER and DOMAIN: the authority writes to that address'
    case 'caa':
      return 'change the CAA records of the domain so that they name the authority'
    case 'serverInternal':
      return 'wait: the trouble is on its side, and it is asked again later'
    default:
      return 'it is asked again later; "homepost certificates renew" asks at once'
  }
}

const door = (challenge: ChallengeKind) => (challenge === 'tls-alpn-01' ? 'port 443' : 'port 80')
const recordTodo = (name: string) =>
  `check that the TXT records of _acme-challenge.${name} which this server writes reach all name servers of the domain`
