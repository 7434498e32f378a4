/** An Exception is a place where a secret may be seen, and why. */
export interface Exception {
  channels: readonly ('answer' | 'child' | 'file' | 'log' | 'socket' | 'stream')[]
  /** What stands around the secret; every secret is masked in it: `[a connection key]`. */
  around: RegExp
  /** Only in these test files. */
  files?: RegExp
  /** The same secret may be seen there once, and not again. */
  once?: true
  why: string
}

export const exceptions: readonly Exception[] = [
  {
    channels: ['file', 'socket'],
    around: /salt(?:","value":"|.)\[a ring key\]/s,
    why: 'The salt lies in the database and goes along in an export, for the hashes there are keyed with it; alone it opens nothing.',
  },
  {
    channels: ['answer', 'child', 'file', 'socket', 'stream'],
    around: /\[a Pipedrive key of the sandbox\]/,
    files: /\/sandbox\/src\/|\/test\/(?:durability\/)?sandbox-|\/test\/browser\//,
    why: 'The sandbox shows its own keys, in its page and in its data; that it keeps those of callers out of its list of requests has tests there.',
  },
  {
    channels: ['child'],
    around: /\[a connection key\]/,
    files: /\/test\/outputs\/outputs\.integration\.test\.ts$/,
    why: 'That test lets a run leak on purpose.',
  },
  {
    channels: ['child'],
    around: /^"?\[an admin token\]"?$/,
    files: /\/connections\/admin-token\.test\.ts$/,
    why: 'Processes that start at once tell the test which token they came to, so that it can compare them.',
  },
  {
    channels: ['child', 'stream'],
    around: /\[a Pipedrive key of the sandbox\] +(Alice Andersson, administrator|Bob Becker, user|Carol Kranich, user)/,
    why: 'The sandbox prints its own keys when it starts: nobody could use it otherwise.',
  },
  {
    channels: ['child'],
    around: /:\d+\/\S+ -H 'x-api-key: \[a Pipedrive key of the sandbox\]'/,
    why: '`npm start` prints three lines to try, with a key of the sandbox.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"key":"\[a connection key\]"/,
    once: true,
    why: 'POST /api/keys shows the key that it has made, this once.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"token":"\[an owner's token\]"/,
    once: true,
    why: 'POST /api/owners and the renewal of a token show it, this once.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"webhook-signature":"v1,\[a ring key\]/,
    why: 'A signature of Standard Webhooks looks like a ring key: 32 bytes in base64.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"signingKey":"\[/,
    why: 'POST /subscriptions/{trigger} shows what deliveries are signed with to whoever knows the account’s key and the callback URL, and nobody else does.',
  },
  {
    channels: ['answer', 'socket'],
    around: /\/subscriptions\/\w+\/\[a secret that this test used\][^\s"]*(?: does not take |\. (?:Did|GET))/,
    why: 'Whoever asks for a path that does nothing is told which; he has it already.',
  },
  {
    channels: ['answer', 'socket'],
    around: /\/subscriptions\/\w+\/\[a secret that this test used\](?:$|\s)/,
    once: true,
    why: 'The header Location of POST /subscriptions/{trigger} is the right to end the subscription, told this once.',
  },
  {
    channels: ['answer', 'socket'],
    around: /"subscription_url":"[^"]*\/hooks\/\[|"http_auth_password":"\[/,
    why: 'The sandbox shows administrators the webhooks of their company with their secrets, as Pipedrive does.',
  },
  {
    channels: ['child', 'stream'],
    around: /(^|\n|"key": ")\[a connection key\]("|\n)/,
    once: true,
    why: '`dealbridge connections keys add` prints the key that was made, this once.',
  },
  {
    channels: ['child', 'stream'],
    around: /(^|\n|"token": ")\[an owner's token\]("|\n)/,
    once: true,
    why: '`dealbridge owners add` and `owners renew` print the token that was made, this once.',
  },
]
