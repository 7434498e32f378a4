import { changeEn, triggersEn } from './en-triggers.ts'
import { objectsEn } from './en-objects.ts'
import { label, type LocaleTexts } from './locales.ts'

const time = (summary: string, what: string) => label(summary, `${what}, as yyyy-MM-ddTHH:mm:ss.fffZ.`)
const day = (summary: string, what: string) => label(summary, `${what}, as yyyy-MM-dd.`)
const clock = (summary: string, what: string) => label(summary, `${what}, as HH:mm.`)
const visibility = label('Visibility', 'Who can see the deal: its owner and followers, or the entire company.')

const dealId = label('Deal Id', 'The deal that this step is about.')
const newDeal = {
  title: label('Title', 'What the deal is called.'),
  stage_id: label('Stage Id', 'The pipeline stage that the deal is put in.'),
  status: label('Status', 'Whether the deal is open, won, lost or deleted.'),
  value: label('Value', 'What the deal is worth.'),
  currency: label('Currency', 'The currency that the value is given in.'),
  person_id: label('Contact Id', 'The person whom the deal is made with.'),
  org_id: label('Organization Id', 'The organization that the deal is made with.'),
  expected_close_date: day('Expected Close Date', 'When the deal is expected to be closed'),
  visible_to: visibility,
}
const { stage_id, status, expected_close_date } = newDeal
const pipeline_id = label('Pipeline Id', 'The pipeline whose stages are offered below.')

const deal = {
  id: label('Deal Id', 'The number by which Pipedrive knows the deal.'),
  creator_user_id: label('Creator', 'User who created the deal.'),
  'creator_user_id.id': label('Id', 'Id of the user who created the deal.'),
  'creator_user_id.name': label('Name', 'Name of the user who created the deal.'),
  'creator_user_id.email': label('Email', 'Email address of the user who created the deal.'),
  user_id: label('Owner', 'User who owns the deal.'),
  'user_id.id': label('Id', 'Id of the user who owns the deal.'),
  'user_id.name': label('Name', 'Name of the user who owns the deal.'),
  'user_id.email': label('Email', 'Email address of the user who owns the deal.'),
  person_id: label('Contact', 'The person whom the deal is made with.'),
  'person_id.name': label('Name', 'What the person is called whom the deal is made with.'),
  'person_id.value': label('Id', 'Id of the person whom the deal is made with.'),
  org_id: label('Organization', 'The organization that the deal is made with.'),
  'org_id.name': label('Name', 'What the organization is called that the deal is made with.'),
  'org_id.value': label('Id', 'Id of the organization that the deal is made with.'),
  status: label('Status', 'One of open, won, lost and deleted.'),
  title: label('Deal Title', 'What the deal is called.'),
  value: label('Deal Value', 'What the deal is worth.'),
  currency: label('Currency', 'Currency that the value of the deal is given in.'),
  add_time: time('Created Date-Time', 'When the deal was added'),
  update_time: time('Updated Date-Time', 'When the deal was last changed'),
  stage_id: label('Stage Id', 'Id of the pipeline stage the deal is in.'),
  stage_change_time: time('Stage Updated Date-Time', 'When the deal came into its stage'),
  active: label('Is Active', 'True while the deal is open and not deleted.'),
  deleted: label('Is Deleted', 'Whether somebody has deleted the deal.'),
  next_activity_date: day('Next Activity Date', 'When the next activity is due'),
  next_activity_time: label('Next Activity Time', 'The time of day when the next activity is due, as HH:mm:ss.'),
  next_activity_id: label('Next Activity Id', 'Id of the activity that comes next.'),
  last_activity_id: label('Last Activity Id', 'Id of the activity that was done last.'),
  last_activity_date: day('Last Activity Date', 'When the last activity was due'),
  lost_reason: label('Lost Reason', 'Why the deal was lost; empty unless it is.'),
  visible_to: visibility,
  close_time: time('Closed Date-Time', 'When the deal was won or lost'),
  pipeline_id: label('Pipeline Id', 'Id of the pipeline the deal is in.'),
  products_count: label('Products Count', 'How many products the deal is about.'),
  files_count: label('Files Count', 'How many files are attached to the deal.'),
  notes_count: label('Notes Count', 'How many notes there are on the deal.'),
  followers_count: label('Followers Count', 'How many users follow the deal.'),
  email_messages_count: label('Email Message Count', 'How many emails are linked to the deal.'),
  activities_count: label('Activities Count', 'How many activities the deal has, done or not.'),
  done_activities_count: label('Done Activities Count', 'How many activities of the deal are done.'),
  undone_activities_count: label('Undone Activities Count', 'How many activities of the deal are still to do.'),
  reference_activities_count: label('Referenced Activities Count', 'How many activities refer to the deal.'),
  participants_count: label('Participants Count', 'How many persons take part in the deal.'),
  expected_close_date: day('Expected Close Date', 'When the deal is expected to be closed'),
  next_activity_subject: label('Next Activity Subject', 'What the activity is called that comes next.'),
  next_activity_type: label('Next Activity Type', 'What kind of activity comes next.'),
  next_activity_duration: label('Next Activity Duration', 'How long the activity that comes next takes, as HH:mm:ss.'),
  next_activity_note: label('Next Activity Note', 'What there is to know about the activity that comes next.'),
}

const activity = {
  id: label('Activity Id', 'The number by which Pipedrive knows the activity.'),
  user_id: label('User Id', 'Id of the user who is to do it.'),
  done: label('Is Done', 'Whether somebody has done it.'),
  type: label('Type', 'What kind of activity it is.'),
  due_date: day('Due Date', 'When the activity is due'),
  due_time: clock('Due Time', 'The time of day when it is due'),
  duration: clock('Duration', 'How long it takes'),
  subject: label('Subject', 'What the activity is called.'),
  deal_id: label('Deal Id', 'Id of the deal that the activity belongs to.'),
  deal_title: label('Deal Title', 'What the deal is called that the activity belongs to.'),
  org_id: label('Organization Id', 'Id of the organization that the activity is about.'),
  org_name: label('Organization Name', 'What the organization is called that the activity is about.'),
  person_id: label('Contact Id', 'Id of the person whom the activity is with.'),
  person_name: label('Contact Name', 'What the person is called whom the activity is with.'),
  add_time: time('Created Date-Time', 'When the activity was added'),
  update_time: time('Updated Date-Time', 'When the activity was last changed'),
  marked_as_done_time: time('Completed Date-Time', 'When the activity was done'),
  gcal_event_id: label('Google Calendar Event Id', 'The event that the activity was in Google Calendar.'),
  google_calendar_id: label('Google Calendar Id', 'Which calendar of Google held the event.'),
  note: label('Note', 'What there is to know about the activity, as HTML.'),
  assigned_to_user_id: label('Assigned to', 'The user who is to do it, by id.'),
  created_by_user_id: label('Created by', 'The user who added it, by id.'),
  owner_name: label('Owner Name', 'What the user is called who is to do it.'),
}

const list = (records: string) => label('Records', `${records}, for a drop-down.`)
const listed = { id: label('Id', 'Id of the record.'), name: label('Name', 'Name of the record.') }

/** What users read in English. Titles are the contract's own: flows show them, and forms are searched by them. */
export const en = {
  info: {
    title: 'Pipedrive',
    description: 'Deals, activities and stages of Pipedrive: read, add and update them, and start flows when new ones appear.',
  },
  connection: {
    api_key: label(
      'API Key',
      'Your personal API token, from Personal preferences > API in Pipedrive, or a connection key of the connector.',
    ),
    user_name: label('Name (anything)', 'Any text: the connector looks at the password alone.'),
    password: label(
      'API Key',
      'Your personal API token, from Personal preferences > API in Pipedrive, or a connection key of the connector.',
    ),
  },
  request: {
    body: label('Body', 'The fields of the request.'),
    /** What may be typed where a list is offered, by what the list sends. */
    typed: { id: 'Any id can be typed.', key_string: 'Any key or name of a type can be typed.', code: 'Any currency code can be typed.' },
  },
  /** How the words of a choice are shown. */
  values: {
    open: 'Open',
    won: 'Won',
    lost: 'Lost',
    deleted: 'Deleted',
    'Owner and followers': 'Owner and followers',
    'Entire company': 'Entire company',
    id: 'Id',
    add_time: 'Created date-time',
    update_time: 'Updated date-time',
    asc: 'Ascending',
    desc: 'Descending',
    code: 'By code',
    name: 'By name',
    omit: 'Leave out',
    email: 'Email',
    phone: 'Phone',
    notes: 'Notes',
    address: 'Address',
    custom_fields: 'Custom fields',
  },
  responses: {
    success: 'The operation succeeded.',
    nothingNew: 'Nothing new since the last poll.',
    subscribed: 'Events are sent from now on; Location is where the subscription is ended.',
    notified: 'One record for each event.',
    ended: 'No more events are sent.',
    failure: 'The operation failed.',
  },
  operations: {
    GetStage: {
      ...label('Get stage by id', 'Reads one stage of a pipeline.'),
      parameters: { stageId: label('Stage Id', 'The stage to read.') },
    },
    GetDeal: {
      ...label('Get deal by id', 'Reads one deal with everything that is known about it.'),
      parameters: { dealId },
    },
    AddDealV2: {
      ...label('Add deal (V2)', 'Adds a deal, in a pipeline and stage of your choice.'),
      parameters: { ...newDeal, pipeline_id },
    },
    AddDeal: {
      ...label('Add deal [DEPRECATED]', 'Adds a deal.'),
      deprecation: 'Deprecated: use Add deal (V2) instead.',
      parameters: newDeal,
    },
    UpdateDealStageV2: {
      ...label('Update deal stage (V2)', 'Moves a deal to another stage, of any pipeline.'),
      parameters: { dealId, pipeline_id, stage_id, expected_close_date },
    },
    UpdateDealStage: {
      ...label('Update deal stage [DEPRECATED]', 'Moves a deal to another stage.'),
      deprecation: 'Deprecated: use Update deal stage (V2) instead.',
      parameters: { dealId, stage_id, expected_close_date },
    },
    UpdateDealStatus: {
      ...label('Update deal status', 'Opens, wins, loses or deletes a deal.'),
      parameters: { dealId, status, lost_reason: label('Lost Reason', 'Why the deal was lost; kept only when the status is lost.') },
    },
    AddActivity: {
      ...label('Add activity', 'Adds a call, a meeting, a task or another activity.'),
      parameters: {
        type: label('Type', 'What kind of activity it is.'),
        subject: label('Subject', 'What the activity is called.'),
        due_date: day('Due Date', 'When the activity is due; today unless given'),
        due_time: clock('Due Time', 'The time of day when it is due'),
        duration: clock('Duration', 'How long it takes'),
        note: label('Notes', 'What there is to know about the activity.'),
        user_id: label('Assigned to', 'The user who is to do it.'),
        deal_id: label('Deal Id', 'The deal that the activity belongs to.'),
        person_id: label('Contact Id', 'The person whom the activity is with.'),
        org_id: label('Organization Id', 'The organization that the activity is about.'),
      },
    },
    TrigNewDealV2: {
      ...label('When a new deal is added (V2)', 'This operation triggers when a deal is added that you can see.'),
      hint: 'To see it work now, add a deal in Pipedrive.',
      parameters: {},
    },
    TrigNewDeal: {
      ...label('When a new deal is added [DEPRECATED]', 'This operation triggers when a deal is added.'),
      deprecation: 'Deprecated: use When a new deal is added (V2) instead.',
      hint: 'To see it work now, add a deal in Pipedrive.',
      parameters: {},
    },
    TrigNewActivity: {
      ...label('When a new activity is added', 'This operation triggers when an activity is added.'),
      hint: 'To see it work now, add an activity in Pipedrive.',
      parameters: {},
    },
    ...triggersEn,
    ...objectsEn.operations,
    ListDeals: { ...label('List deals', 'Lists the deals that changed last, for a drop-down.'), parameters: {} },
    ListPipelines: { ...label('List pipelines', 'Lists the pipelines, for a drop-down.'), parameters: {} },
    ListStages: {
      ...label('List stages', 'Lists the stages of one pipeline, or of all, for a drop-down.'),
      parameters: { pipeline_id: label('Pipeline Id', 'The pipeline whose stages are listed.') },
    },
    ListPersons: { ...label('List contacts', 'Lists the persons who changed last, for a drop-down.'), parameters: {} },
    ListOrganizations: { ...label('List organizations', 'Lists the organizations that changed last, for a drop-down.'), parameters: {} },
    ListUsers: { ...label('List users', 'Lists the active users, for a drop-down.'), parameters: {} },
    ListActivityTypes: { ...label('List activity types', 'Lists the types of activity, for a drop-down.'), parameters: {} },
    ListCurrencies: { ...label('List currencies', 'Lists the currencies, for a drop-down.'), parameters: {} },
  },
  definitions: {
    DealResponse: { ...deal, stage_name: label('Stage Name', 'Name of the pipeline stage the deal is in.') },
    DealResponseV2: deal,
    ActivityResponse: activity,
    DealChange: changeEn(deal),
    ActivityChange: changeEn(activity),
    StageResponse: { id: label('Stage Id', 'Id of the stage.'), name: label('Stage Name', 'Name of the stage.') },
    ListDealsResponse: { data: list('Deals'), 'data.id': deal.id, 'data.title': deal.title },
    ListPipelinesResponse: { data: list('Pipelines'), 'data.id': listed.id, 'data.name': listed.name },
    ListStagesResponse: { data: list('Stages') },
    ListPersonsResponse: { data: list('Contacts'), 'data.id': listed.id, 'data.name': listed.name },
    ListUsersResponse: { data: list('Users'), 'data.id': listed.id, 'data.name': listed.name },
    ListOrganizationsResponse: { data: list('Organizations'), 'data.id': listed.id, 'data.name': listed.name },
    ListActivityTypesResponse: {
      success: label('Success', 'True when the list could be read.'),
      data: list('Activity types'),
      'data.id': listed.id,
      'data.name': listed.name,
      'data.key_string': label('Key', 'What identifies the type in an activity.'),
    },
    ListCurrenciesResponse: {
      data: list('Currencies'),
      'data.code': label('Code', 'Currency code, such as EUR.'),
      'data.name': listed.name,
    },
    ...objectsEn.definitions,
  },
} satisfies LocaleTexts

/** A Locale is one language's texts: exactly the keys of English, so that a translation that lacks one does not compile. */
export type Locale = typeof en
