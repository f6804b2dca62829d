/** What is in the way of a certificate, for the log and the command line; pages have the same in other languages. */
export const troubleTexts = {
  'not-found': '{{name}} was not found in DNS. The authority said: {{said}}',
  'not-reached': 'The authority did not reach this server at {{name}}. The authority said: {{said}}',
  'something-else':
    'At {{name}} the authority found something else than this server. The authority said: {{said}}',
  'not-written': 'The TXT record of _acme-challenge.{{name}} could not be written: {{said}}',
  forbidden: 'A CAA record forbids this authority to issue for {{name}}. The authority said: {{said}}',
  none: 'No certificate for {{name}}. The authority said: {{said}}',
  'not-asked': 'The authority at {{directory}} cannot be asked: {{said}}',
  refused: 'The authority refused: {{said}}',
} as const

/** What to do about it. */
export const todoTexts = {
  spread:
    'check that the TXT records of _acme-challenge.{{name}} which this server writes reach all name servers of the domain',
  point: 'make A (and AAAA) records of {{name}} point to this server',
  'let-through':
    'let port {{port}} through to this server from everywhere, and check that DNS gives its address for {{name}}',
  'ours-alone':
    'check that every A and AAAA record of {{name}} is an address of this server, and that no proxy answers at port {{port}}',
  'may-write': 'check ACME_DNS_SERVER and ACME_DNS_KEY, and that this key may change TXT records there',
  allow: 'take that record away, or let it name the authority',
  limited: 'wait: the authority takes a limited number of orders, and is asked again later',
  account: 'set ACME_EAB_KID and ACME_EAB_HMAC to what the authority gave you',
  names: 'check HOSTNAMES: public authorities issue for names in public DNS alone',
  contact: 'check POSTMASTER and DOMAIN: the authority writes to that address',
  'allow-domain': 'change the CAA records of the domain so that they name the authority',
  'their-side': 'wait: the trouble is on its side, and it is asked again later',
  later: 'it is asked again later; "homepost certificates renew" asks at once',
  reach: 'check that this machine reaches it over HTTPS, and that ACME_DIRECTORY is right',
} as const
