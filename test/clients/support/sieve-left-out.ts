// Pigeonhole's tests that are not asked of this server, each with its reason.

const octetString =
  'Pigeonhole compares strings of variables by i;octet where nothing is said; RFC 5228 §2.7.3 says i;ascii-casemap'
const counts =
  'it counts complaints: one for each mistake and place is told here, Pigeonhole tells some twice'
const missingInclude =
  'an included script that is not there yet is told when it is met, so that scripts can be uploaded in any order'
const envelopeSyntax = 'addresses of the envelope are read by SMTP; scripts never see broken ones'
const byDelivery = "the delivery's: what it writes on top of redirected mail, and where it stops a loop"
const senderPolicy =
  'who stands in the envelope of notifications is :from or the owner, as RFC 5436 §2.2 has it'
const noExtension = 'an extension of Dovecot alone, and not offered'

/** Whole files, by the beginning of their path. */
export const leftOutFiles: Readonly<Record<string, string>> = {
  'plugins/': 'programs that scripts start: not offered',
  'deprecated/': 'the drafts notify and imapflags: replaced by enotify and imap4flags long ago',
  'failures/': 'scripts that are expected to fail',
  'extensions/vnd.dovecot/': noExtension,
  'extensions/duplicate/execute-vnd.svtest': noExtension,
  'extensions/mailbox/errors.svtest': `${noExtension} (vnd.dovecot.debug)`,
  'extensions/include/execute.svtest': 'it needs a namespace of variables that only the test program has',
}

/** Single tests: file, then name. */
export const leftOutTests: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'compile/errors.svtest': {
    'Parser errors (FIXME: count only)': counts,
    'Require errors (FIXME: count only)': counts,
    'Stop errors (FIXME: count only)': counts,
    'Outgoing address errors (FIXME: count only)': 'it refuses an address in UTF-8, which RFC 6531 allows',
  },
  'execute/errors-cpu-limit.svtest': {
    'CPU limit': 'its expression has more groups than are allowed, so it is never run and takes no time',
  },
  'execute/errors.svtest': {
    'Fileinto invalid folder name': 'which names a mailbox may have is the store’s to say',
  },
  'execute/smtp.svtest': {
    Redirect: byDelivery,
    'Redirect from <>': byDelivery,
    'Redirect from [recipient]': byDelivery,
    'Redirect from [original recipient]': byDelivery,
    'Redirect from [<explicit>]': byDelivery,
    'Redirect from [<>]': byDelivery,
    'Redirect from <> with [<explicit>]': byDelivery,
    'Redirect from [user email - fallback default]': byDelivery,
    'Redirect from [user email]': byDelivery,
    'Redirect mail loop (sieve_user_email)': byDelivery,
    'Redirect mail loop (final recipient)': byDelivery,
  },
  'extensions/duplicate/errors.svtest': { 'Invalid Syntax (vnd)': noExtension },
  'extensions/editheader/errors.svtest': {
    'Size limit': 'the size of a field is limited when the script runs, not when it is read',
  },
  'extensions/encoded-character.svtest': {
    'HEX equality one': octetString,
    'HEX equality one middle': octetString,
  },
  'extensions/enotify/mailto.svtest': {
    Simple: 'it looks for the field X-Sieve, which no standard knows',
    Envelope: senderPolicy,
    'Envelope config - sender': senderPolicy,
    'Envelope config - recipient': senderPolicy,
    'Envelope config - user_email': senderPolicy,
  },
  'extensions/envelope.svtest': {
    'Envelope - syntax errors': envelopeSyntax,
    'Envelope - source route errors': envelopeSyntax,
    'Envelope - local part only': envelopeSyntax,
  },
  'extensions/imap4flags/execute.svtest': {
    'Flags Side Effect':
      'its mailboxes have a dot for the hierarchy, and INBOX as a prefix in any case of letters',
  },
  'extensions/include/errors.svtest': {
    Generic: missingInclude,
    'Circular - direct': counts,
    'Circular - one intermittent': missingInclude,
    'Circular - two intermittent': missingInclude,
    'Depth limit': counts,
  },
  'extensions/mime/errors.svtest': {
    'Extracttext - without foreverypart': 'an extension that is required and not used does no harm',
  },
  'extensions/regex/errors.svtest': {
    'Runtime errors': 'a pattern that variables made wrong is a warning, and matches nothing',
  },
  'extensions/relational/errors.svtest': { 'Syntax errors': counts },
  'extensions/variables/basic.svtest': { 'Basic assignment': octetString },
  'extensions/variables/errors.svtest': {
    'Limits (FIXME: count only)':
      'it counts names and numbers of variables; here the room that they take is limited',
  },
  'extensions/variables/modifiers.svtest': {
    'Modifiers :lower :upperfirst': octetString,
    'Modifiers :upperfirst :lower': octetString,
    'Modifiers :upper :lowerfirst': octetString,
    'Modifiers :lowerfirst :upper': octetString,
  },
  'multiscript/conflicts.svtest': {
    'Graceful Conflicts': 'results of several scripts are joined by the delivery',
    Duplicates: 'results of several scripts are joined by the delivery',
  },
  'test-address.svtest': {
    'Invalid addresses': 'it holds an address in UTF-8 for invalid, which RFC 6532 allows',
  },
}
