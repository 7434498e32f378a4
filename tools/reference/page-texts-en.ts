import type { PageTexts } from './page-texts.ts'

const OUTSIDE_POWER_PLATFORM = [
  'US Government (GCC)',
  'US Government (GCC High)',
  'China Cloud operated by 21Vianet',
  'US Department of Defense (DoD)',
]
const code = (text: string): string => `\`${text}\``

/** What the English reference page says. */
export const pageTextsEn: PageTexts = {
  language: 'en',
  title: 'Pipedrive: the connector reference',
  languages: '**English** · [日本語](reference.ja.md)',
  intro:
    'Every operation of the connector with its parameters, answers and prices. This page is generated from the catalog that the server runs on. How to get the connector going, and what each error means, stands in the [README](../README.md).',
  preview: '(Preview)',
  gap: ' ',
  headings: {
    products: 'Products and regions',
    connection: 'Creating a connection',
    limits: 'Throttling limits',
    tokens: 'Price in tokens',
    actions: 'Actions',
    triggers: 'Triggers',
    instant: 'Instant triggers',
    lookups: 'Look-ups',
    definitions: 'Definitions',
  },
  columns: {
    service: 'Service',
    class: 'Class',
    regions: 'Regions',
    name: 'Name',
    key: 'Key',
    required: 'Required',
    type: 'Type',
    description: 'Description',
    path: 'Path',
    source: 'From API v2',
    target: 'In API v2',
    scope: 'Applicable',
    sharing: 'Sharing',
    calls: 'Calls',
    seconds: 'Renewal period',
    operation: 'Operation',
    request: 'Request to Pipedrive',
  },
  products: {
    rows: [
      {
        service: 'Logic Apps',
        class: 'Standard',
        except: ['Azure Government regions', 'Azure China regions', 'US Department of Defense (DoD)'],
      },
      { service: 'Power Automate', class: 'Premium', except: OUTSIDE_POWER_PLATFORM },
      { service: 'Power Apps', class: 'Premium', except: OUTSIDE_POWER_PLATFORM },
      { service: 'Copilot Studio', class: 'Premium', except: OUTSIDE_POWER_PLATFORM },
    ],
    regions: (service, except) => `All ${service} regions except: ${except.join(', ')}`,
    ours: 'That is where Microsoft offers its certified connector of this contract. Dealbridge is a custom connector instead. It is bound to no region: it can be used wherever custom connectors can, if your server is reached from there. In Power Automate and Power Apps a custom connector takes a premium licence as well. No government or China cloud has been tried yet.',
    facts: [
      ['Publisher', 'Dealbridge, an independent project, affiliated with neither Pipedrive nor Microsoft'],
      ['Website', 'https://www.pipedrive.com/'],
      ['Privacy policy', 'https://www.pipedrive.com/privacy'],
    ],
  },
  connection: {
    intro: 'What is asked for when a connection is created.',
    name: 'Default',
    scope: 'All regions',
    sharing: 'Not shareable',
    sharingOfOurs:
      '_Not shareable_ is what holds for the certified connector. The connection of a custom connector with an API key can go along when a Power App that uses it is shared. So give each user a [connection key](../docs/connections.md) of their own, never your Pipedrive key.',
    basic: 'The on-premises data gateway takes no API keys. Through it the same key goes by HTTP Basic, as the password:',
  },
  limits: {
    intro:
      'A call beyond a limit is answered with 429, and `Retry-After` says when to come again. The operator of the server can change the first one, with `--calls-per-minute`.',
    calls: 'API calls per connection',
    polls: 'Frequency of trigger polls',
    seconds: (count) => `${count} seconds`,
  },
  tokens: {
    intro: [
      'Pipedrive gives each company a budget of API tokens for the day and charges every request. The prices below were measured with all parameters filled in, and with records that are linked to a contact, an organization, an owner and activities. A record with fewer links costs less, and one with other links, or a list of several pages, costs more.',
      '**First time** means that nothing about the account was known yet. **Again** is the same call a moment later: the names of users, stages, pipelines, activity types and currencies are kept for 6 hours, those of contacts and organizations for 1 minute. A trigger is polled every 2 minutes. **Start** is the poll by which a flow begins to watch, **idle** one that finds nothing; the others find one new record.',
      'What a call did cost stands in its answer, in the header `x-dealbridge-token-cost`.',
    ],
    situations: { start: 'Start', idle: 'Idle', first: 'First time', again: 'Again' },
    total: 'Total',
    nothing: '–',
    variant: (key, value, tokens) => `With ${value} as ${key} the first time costs ${tokens} tokens.`,
  },
  sections: {
    actions: 'A flow runs an action as a step.',
    triggers:
      'A trigger starts a flow. It is polled, and it answers what was created, or what has happened to records, since the last poll, never what was there before the first one. A trigger of changes sees records as they are when it looks: what happens several times between two polls counts once, what was undone by then is not noticed, and neither is what was archived. Pipedrive lets people set when a deal was won or lost: one that is given a moment before the last poll is not noticed. A change within one second of the creation counts as part of it. Filters are compared with the record as it is then. Triggers of activities answer those of the user whose key it is, unless an owner is chosen, or the server says otherwise with `--activities all`.',
    instant:
      'An instant trigger starts a flow as soon as Pipedrive tells of an event. It is not polled: the host subscribes with a callback, and each event is sent there, one record at a time. The subscription is answered with 201, and its `Location` is where a DELETE ends it. Hosts do both by themselves. What a callback looks like, what is guaranteed and what it costs: [instant triggers](../docs/triggers.md).',
    lookups:
      'The look-ups fill the drop-downs of the other operations. Designers call them and do not show them; as HTTP calls they work like any other. Of deals, contacts and organizations they list the 500 that changed last. They are read each time; users, activity types and currencies once a minute at most. Where a drop-down is offered, a value can be typed all the same.',
    definitions:
      'What the operations answer. A field without a value is `null`, never absent; where a whole linked record is missing, `null` stands in place of its object. Deleted records follow one rule: as long as Pipedrive returns a deleted record, it is shown as any other, with its names; afterwards it is like one that the user may not see: the record itself is a 404, a link to it keeps the id and has no name. If a linked record cannot be read, its name is `null` too, and the header `x-dealbridge-incomplete` names its kind. A value of a type that Pipedrive does not document is `null`, and noted in the log of the server.',
  },
  operation: {
    parameters: 'Parameters',
    noParameters: 'This operation takes no parameters.',
    alsoTaken: (names) =>
      `Beyond these, the body takes ${names.join(', ')}, and custom fields under the 40 characters of their keys. Hosts do not show them; over HTTP they can be sent.`,
    returns: 'Returns',
    list: (definition) => `A list of ${definition}; status 202 without a body when nothing is new.`,
    sent: 'Each callback brings',
    oneOf: (values) => `One of ${values.join(', ')}.`,
    choices: (lookup) => `Chosen from ${lookup}.`,
    yes: 'True',
  },
  field: {
    orNull: (type) => `${type} or null`,
    listOf: (definition) => `A list of ${definition}.`,
    usedBy: (operations) => `Answered by ${operations.join(', ')}.`,
    sentBy: (operations) => `Sent by ${operations.join(', ')}.`,
    beyond: (definition) => `All of ${definition}, and beside it:`,
    changes: {
      changed: 'What differs between the record before and after; a field that is not shown here by its name in API v2',
      previous: '`previous` of the webhook, or what was known of the record before',
    },
    included: (field) => `${code(field)}, by \`include_fields\``,
    linked: (fields, linked, by) => `${fields.join(', ')} of ${linked} ${by}`,
    includedLink: (by) => `${code(by)} (by \`include_fields\`)`,
    kinds: {
      user: 'the user',
      person: 'the person',
      organization: 'the organization',
      stage: 'the stage',
      activity: 'the activity',
      deal: 'the deal',
    },
    constant: (value, note) => `Always ${value}: ${note}`,
    removedUpstream: (note) => `Nothing, it is always \`null\`: ${note}`,
  },
}
