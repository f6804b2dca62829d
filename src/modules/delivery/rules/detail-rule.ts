export const detailRuleName = 'plus-address rule'

const folder = '"$\u007bfolder}"'
const notFor = ['Archive', 'Drafts', 'Junk', 'Sent', 'Trash']

/**
 * What runs where the owner's own script has left the message to the INBOX. Addresses are kept in lower case, folders are written as
 * their owners like them. A stranger's mail is not to look sent, or to be thrown away.
 */
export const detailRule = `# Where mail to plus-addresses goes when no other rule has filed it.
# It is made of the settings; change it there.
require ["envelope", "fileinto", "mailbox", "special-use", "subaddress", "variables"];

# rule:[Plus-addresses]
# Mail to ann+news@ goes into the folder news or News, if there is one.
if envelope :detail :matches "to" "?*" {
  set "folder" "$\u007b0}";
  if not mailboxexists ${folder} {
    set :upperfirst "folder" ${folder};
  }
  if allof (mailboxexists ${folder},
${notFor.map((use) => `            not specialuse_exists ${folder} "\\\\${use}"`).join(',\n')}) {
    fileinto ${folder};
  }
}
`
