import { changeJa, triggersJa } from './ja-triggers.ts'
import type { Locale } from './en.ts'
import { objectsJa } from './ja-objects.ts'
import { label } from './locales.ts'

const time = (summary: string, what: string) => label(summary, `${what} (yyyy-MM-ddTHH:mm:ss.fffZ)。`)
const day = (summary: string, what: string) => label(summary, `${what} (yyyy-MM-dd)。`)
const clock = (summary: string, what: string) => label(summary, `${what} (HH:mm)。`)
const visibility = label('可視性', '取引を閲覧できるのが所有者とフォロワーか、会社全体か。')

const dealId = label('取引 ID', 'この手順の対象となる取引。')
const newDeal = {
  title: label('敬称', '取引の名前。'),
  stage_id: label('ステージ ID', '取引を置くパイプラインのステージ。'),
  status: label('ステータス', '取引が進行中、受注、失注、削除済みのどれであるか。'),
  value: label('値', '取引の金額。'),
  currency: label('通貨', '金額の通貨。'),
  person_id: label('取引先担当者 ID', '取引の相手となる人。'),
  org_id: label('組織 ID', '取引の相手となる組織。'),
  expected_close_date: day('終了予定日', '取引が終了する見込みの日'),
  visible_to: visibility,
}
const { stage_id, status, expected_close_date } = newDeal
const pipeline_id = label('パイプライン ID', '下の一覧にステージを表示するパイプライン。')

const deal = {
  id: label('取引 ID', '取引を識別する番号。'),
  creator_user_id: label('作成者', '取引を追加したユーザー。'),
  'creator_user_id.id': label('ID', '取引を追加したユーザーの番号。'),
  'creator_user_id.name': label('件名', '取引を追加したユーザーの名前。'),
  'creator_user_id.email': label('電子メール', '取引を追加したユーザーのメール アドレス。'),
  user_id: label('所有者', '取引を受け持つユーザー。'),
  'user_id.id': label('ID', '取引を受け持つユーザーの番号。'),
  'user_id.name': label('件名', '取引を受け持つユーザーの名前。'),
  'user_id.email': label('電子メール', '取引を受け持つユーザーのメール アドレス。'),
  person_id: label('取引先担当者', '取引の相手となる人。'),
  'person_id.name': label('件名', '取引の相手となる人の名前。'),
  'person_id.value': label('ID', '取引の相手となる人の番号。'),
  org_id: label('組織', '取引の相手となる組織。'),
  'org_id.name': label('件名', '取引の相手となる組織の名前。'),
  'org_id.value': label('ID', '取引の相手となる組織の番号。'),
  status: label('ステータス', 'open、won、lost、deleted のいずれか。'),
  title: label('取引タイトル', '取引の名前。'),
  value: label('取引金額', '取引の金額。'),
  currency: label('通貨', '金額の通貨。'),
  add_time: time('作成日時', '取引が追加された日時'),
  update_time: time('更新された日時', '取引が最後に変更された日時'),
  stage_id: label('ステージ ID', '取引があるステージの番号。'),
  stage_change_time: time('ステージ更新日時', '取引が今のステージに移った日時'),
  active: label('アクティブ', '取引が進行中であれば true。'),
  deleted: label('削除済み', '取引が削除されていれば true。'),
  next_activity_date: day('次の活動日', '次の活動の期日'),
  next_activity_time: label('次の活動時間', '次の活動の時刻 (HH:mm:ss)。'),
  next_activity_id: label('次の活動 ID', '次の活動を識別する番号。'),
  last_activity_id: label('最後の活動 ID', '最後に行われた活動を識別する番号。'),
  last_activity_date: day('最後の活動の日付', '最後に行われた活動の期日'),
  lost_reason: label('失注の理由', '失注した理由。失注していなければ空。'),
  visible_to: visibility,
  close_time: time('クローズ日時', '受注または失注となった日時'),
  pipeline_id: label('パイプライン ID', '取引があるパイプラインの番号。'),
  products_count: label('製品数', '取引に含まれる製品がいくつあるか。'),
  files_count: label('ファイル数', '取引に添付されたファイルがいくつあるか。'),
  notes_count: label('メモ数', '取引に書かれたメモがいくつあるか。'),
  followers_count: label('フォロワー数', '取引を見守るユーザーが何人いるか。'),
  email_messages_count: label('電子メール メッセージ数', '取引のメールが何通あるか。'),
  activities_count: label('活動数', '取引の活動がいくつあるか。'),
  done_activities_count: label('完了した活動数', '取引の活動のうち、いくつが済んだか。'),
  undone_activities_count: label('未完了の活動数', '取引の活動のうち、いくつが済んでいないか。'),
  reference_activities_count: label('参照した活動数', '取引を参照する活動がいくつあるか。'),
  participants_count: label('参加者数', '取引に参加する人が何人いるか。'),
  expected_close_date: day('終了予定日', '取引が終了する見込みの日'),
  next_activity_subject: label('次の活動の情報カテゴリ', '次の活動の名前。'),
  next_activity_type: label('次の活動の種類', '次の活動が電話、会議などのどれであるか。'),
  next_activity_duration: label('次の活動期間', '次の活動にかかる時間。'),
  next_activity_note: label('次の活動メモ', '次の活動について書かれたこと。'),
}

const activity = {
  id: label('活動 ID', '活動を識別する番号。'),
  user_id: label('ユーザー ID', '活動を行うユーザーの番号。'),
  done: label('完了している', '活動が済んでいれば true。'),
  type: label('タイプ', '活動が電話、会議などのどれであるか。'),
  due_date: day('期日', '活動を行う日'),
  due_time: clock('期限時刻', '活動を行う時刻'),
  duration: clock('時間', '活動にかかる時間'),
  subject: label('情報カテゴリ', '活動の名前。'),
  deal_id: label('取引 ID', '活動が属する取引の番号。'),
  deal_title: label('取引タイトル', '活動が属する取引の名前。'),
  org_id: label('組織 ID', '活動の対象となる組織の番号。'),
  org_name: label('組織名', '活動の対象となる組織の名称。'),
  person_id: label('取引先担当者 ID', '活動の相手となる人の番号。'),
  person_name: label('取引先担当者名', '活動の相手となる人の名前。'),
  add_time: time('作成日時', '活動が追加された日時'),
  update_time: time('日時を更新する', '活動が最後に変更された日時'),
  marked_as_done_time: time('完了した日時', '活動が済んだ日時'),
  gcal_event_id: label('Google Calendar のイベント ID', 'Google Calendar での予定の番号。'),
  google_calendar_id: label('Google Calendar ID', '予定がある Google Calendar の番号。'),
  note: label('メモ', '活動について書かれたこと (HTML)。'),
  assigned_to_user_id: label('割り当て先', '活動を行うユーザーの番号。'),
  created_by_user_id: label('作成者', '活動を追加したユーザーの番号。'),
  owner_name: label('所有者名', '活動を受け持つユーザーの名前。'),
}

const list = (records: string) => label('レコード', `ドロップダウンに表示する${records}。`)
const listed = { id: label('ID', 'レコードの ID。'), name: label('件名', 'レコードの名前。') }

/** What users read in Japanese. Titles are the contract's own, its odd words included: forms are searched by them. */
export const ja: Locale = {
  info: {
    title: 'Pipedrive',
    description: 'Pipedrive の取引、活動、ステージを取得、追加、更新し、新しいレコードが追加されたときにフローを開始します。',
  },
  connection: {
    api_key: label('API キー', 'Pipedrive の個人設定 > API にある個人用 API トークン、またはコネクタの接続キー。'),
    user_name: label('名前 (任意)', '任意の文字列。コネクタはパスワードだけを見ます。'),
    password: label('API キー', 'Pipedrive の個人設定 > API にある個人用 API トークン、またはコネクタの接続キー。'),
  },
  request: {
    body: label('本文', '要求のフィールド。'),
    typed: {
      id: '任意の ID を入力することもできます。',
      key_string: 'タイプの任意のキーまたは名前を入力することもできます。',
      code: '任意の通貨コードを入力することもできます。',
    },
  },
  values: {
    open: '進行中',
    won: '受注',
    lost: '失注',
    deleted: '削除済み',
    'Owner and followers': '所有者とフォロワー',
    'Entire company': '会社全体',
    id: 'ID',
    add_time: '作成日時',
    update_time: '更新日時',
    asc: '昇順',
    desc: '降順',
    code: 'コード',
    name: '名前',
    omit: '省く',
    email: 'メール',
    phone: '電話',
    notes: 'メモ',
    address: '住所',
    custom_fields: 'カスタム フィールド',
  },
  responses: {
    success: '操作に成功しました。',
    nothingNew: '前回のポーリング以降、新しいレコードはありません。',
    subscribed: 'これ以降のイベントが送信されます。Location は登録を終了する場所です。',
    notified: 'イベントごとに 1 つのレコード。',
    ended: 'イベントはこれ以上送信されません。',
    failure: '操作に失敗しました。',
  },
  operations: {
    GetStage: {
      ...label('ID でステージを取得する', 'パイプラインのステージを 1 つ読み取ります。'),
      parameters: { stageId: label('ステージ ID', '読み取るステージ。') },
    },
    GetDeal: {
      ...label('ID で取引を取得する', '取引を 1 つ、わかっているすべての項目とともに読み取ります。'),
      parameters: { dealId },
    },
    AddDealV2: {
      ...label('取引を追加する (V2)', '選んだパイプラインとステージに取引を追加します。'),
      parameters: { ...newDeal, pipeline_id },
    },
    AddDeal: {
      ...label('取引を追加する [非推奨]', '取引を追加します。'),
      deprecation: '非推奨です。代わりに「取引を追加する (V2)」を使用してください。',
      parameters: newDeal,
    },
    UpdateDealStageV2: {
      ...label('取引ステージを更新する (V2)', '取引を、任意のパイプラインの別のステージに移します。'),
      parameters: { dealId, pipeline_id, stage_id, expected_close_date },
    },
    UpdateDealStage: {
      ...label('取引ステージを更新する [非推奨]', '取引を別のステージに移します。'),
      deprecation: '非推奨です。代わりに「取引ステージを更新する (V2)」を使用してください。',
      parameters: { dealId, stage_id, expected_close_date },
    },
    UpdateDealStatus: {
      ...label('取引ステータスを更新する', '取引を進行中、受注、失注、または削除済みにします。'),
      parameters: { dealId, status, lost_reason: label('失注の理由', '失注した理由。ステータスが失注のときにだけ保存されます。') },
    },
    AddActivity: {
      ...label('活動を追加する', '電話、会議、タスクなどの活動を追加します。'),
      parameters: {
        type: label('タイプ', '活動が電話、会議などのどれであるか。'),
        subject: label('情報カテゴリ', '活動の名前。'),
        due_date: day('期日', '活動を行う日。指定しなければ今日'),
        due_time: clock('期限時刻', '活動を行う時刻'),
        duration: clock('時間', '活動にかかる時間'),
        note: label('メモ', '活動について知っておくべきこと。'),
        user_id: label('割り当て先', '活動を行うユーザー。'),
        deal_id: label('取引 ID', '活動が属する取引。'),
        person_id: label('取引先担当者 ID', '活動の相手となる人。'),
        org_id: label('組織 ID', '活動の対象となる組織。'),
      },
    },
    TrigNewDealV2: {
      ...label('新しい取引が追加されたとき (V2)', '閲覧できる取引が追加されたときにフローを開始します。'),
      hint: '今すぐ動作を確認するには、Pipedrive で取引を追加します。',
      parameters: {},
    },
    TrigNewDeal: {
      ...label('新しい取引が追加されたとき [非推奨]', '取引が追加されたときにフローを開始します。'),
      deprecation: '非推奨です。代わりに「新しい取引が追加されたとき (V2)」を使用してください。',
      hint: '今すぐ動作を確認するには、Pipedrive で取引を追加します。',
      parameters: {},
    },
    TrigNewActivity: {
      ...label('新しい活動が追加されたとき', '活動が追加されたときにフローを開始します。'),
      hint: '今すぐ動作を確認するには、Pipedrive で活動を追加します。',
      parameters: {},
    },
    ...triggersJa,
    ...objectsJa.operations,
    ListDeals: { ...label('取引を一覧表示する', '最近変更された取引を、ドロップダウンのために一覧にします。'), parameters: {} },
    ListPipelines: { ...label('パイプラインを一覧表示する', 'パイプラインを、ドロップダウンのために一覧にします。'), parameters: {} },
    ListStages: {
      ...label('ステージを一覧表示する', '1 つまたはすべてのパイプラインのステージを、ドロップダウンのために一覧にします。'),
      parameters: { pipeline_id: label('パイプライン ID', 'ステージを一覧にするパイプライン。') },
    },
    ListPersons: {
      ...label('取引先担当者を一覧表示する', '最近変更された取引先担当者を、ドロップダウンのために一覧にします。'),
      parameters: {},
    },
    ListOrganizations: { ...label('組織を一覧表示する', '最近変更された組織を、ドロップダウンのために一覧にします。'), parameters: {} },
    ListUsers: { ...label('ユーザーを一覧表示する', '有効なユーザーを、ドロップダウンのために一覧にします。'), parameters: {} },
    ListActivityTypes: { ...label('活動タイプを一覧表示する', '活動のタイプを、ドロップダウンのために一覧にします。'), parameters: {} },
    ListCurrencies: { ...label('通貨を一覧表示する', '通貨を、ドロップダウンのために一覧にします。'), parameters: {} },
  },
  definitions: {
    DealResponse: { ...deal, stage_name: label('ステージ名', '取引があるステージの名前。') },
    DealResponseV2: deal,
    ActivityResponse: activity,
    DealChange: changeJa(deal),
    ActivityChange: changeJa(activity),
    StageResponse: { id: label('ステージ ID', 'ステージを識別する番号。'), name: label('ステージ名', 'ステージの名称。') },
    ListDealsResponse: { data: list('取引'), 'data.id': deal.id, 'data.title': deal.title },
    ListPipelinesResponse: { data: list('パイプライン'), 'data.id': listed.id, 'data.name': listed.name },
    ListStagesResponse: { data: list('ステージ') },
    ListPersonsResponse: { data: list('取引先担当者'), 'data.id': listed.id, 'data.name': listed.name },
    ListUsersResponse: { data: list('ユーザー'), 'data.id': listed.id, 'data.name': listed.name },
    ListOrganizationsResponse: { data: list('組織'), 'data.id': listed.id, 'data.name': listed.name },
    ListActivityTypesResponse: {
      success: label('成功', '一覧を取得できた場合は true。'),
      data: list('活動タイプ'),
      'data.id': listed.id,
      'data.name': listed.name,
      'data.key_string': label('キー', '活動のタイプを識別する文字列。'),
    },
    ListCurrenciesResponse: {
      data: list('通貨'),
      'data.code': label('コード', '通貨コード (EUR など)。'),
      'data.name': listed.name,
    },
    ...objectsJa.definitions,
  },
}
