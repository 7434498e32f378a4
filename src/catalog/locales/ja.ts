import { label, type Locale } from './locales.ts'

const timeFormat = 'yyyy-MM-ddTHH:mm:ss.fffZ'
const visibility = label('可視性', '所有者、フォロワー、または会社全体。')

const dealId = label('取引 ID', '取引')
const newDeal = {
  title: label('敬称', '取引のタイトル。'),
  stage_id: label('ステージ ID', '取引のステージ。'),
  status: label('ステータス', '取引のステータス。'),
  value: label('値', '取引の金額の値。'),
  currency: label('通貨', '取引の通貨。'),
  person_id: label('取引先担当者 ID', '取引が関連付けられている人のユーザー ID。'),
  org_id: label('組織 ID', '取引に関連付けられている組織の ID。'),
  expected_close_date: label('終了予定日', 'yyyy-MM-dd'),
  visible_to: visibility,
}
const { stage_id, status, expected_close_date } = newDeal
const pipeline_id = label('パイプライン ID', 'ステージを取り込むパイプラインの ID。')

const deal = {
  id: label('取引 ID', '取引の ID。'),
  creator_user_id: label('作成者', '取引を作成したユーザー。'),
  'creator_user_id.id': label('ID', '取引作成者の ID。'),
  'creator_user_id.name': label('件名', '取引作成者の件名。'),
  'creator_user_id.email': label('電子メール', '取引作成者の電子メール。'),
  user_id: label('所有者', '取引を所有するユーザー。'),
  'user_id.id': label('ID', '取引所有者の ID。'),
  'user_id.name': label('件名', '取引所有者の件名。'),
  'user_id.email': label('電子メール', '取引所有者の電子メール。'),
  person_id: label('取引先担当者', '取引に関連付けられている人。'),
  'person_id.name': label('件名', '取引に関連付けられている人の件名。'),
  'person_id.value': label('ID', '取引に関連付けられている人の ID。'),
  org_id: label('組織', '取引に関連付けられている組織。'),
  'org_id.name': label('件名', '取引に関連付けられている組織の件名。'),
  'org_id.value': label('ID', '取引に関連付けられている組織の ID。'),
  status: label('ステータス', '開く、受注、失注、または削除済み。'),
  title: label('取引タイトル', '取引のタイトル。'),
  value: label('取引金額', '取引の金額の値。'),
  currency: label('通貨', '取引金額に関連する通貨。'),
  add_time: label('作成日時', timeFormat),
  update_time: label('更新された日時', timeFormat),
  stage_id: label('ステージ ID', '取引がパイプラインに配置されるステージの ID。'),
  stage_change_time: label('ステージ更新日時', timeFormat),
  active: label('アクティブ', '取引がアクティブな場合は true。'),
  deleted: label('削除済み', '取引が削除された場合は true。'),
  next_activity_date: label('次の活動日', 'yyyy-MM-dd'),
  next_activity_time: label('次の活動時間', timeFormat),
  next_activity_id: label('次の活動 ID', '次の活動の ID。'),
  last_activity_id: label('最後の活動 ID', '最後の活動の ID。'),
  last_activity_date: label('最後の活動の日付', 'yyyy-MM-dd'),
  lost_reason: label('失注の理由', '取引が失注した理由に関するメッセージ (status = lost の場合に使用される)。'),
  visible_to: visibility,
  close_time: label('クローズ日時', timeFormat),
  pipeline_id: label('パイプライン ID', '取引が関連付けられているパイプラインの ID。'),
  products_count: label('製品数', '取引に関連付けられた製品の数。'),
  files_count: label('ファイル数', '取引に関連付けられたファイルの数。'),
  notes_count: label('メモ数', '取引に関連付けられたメモの数。'),
  followers_count: label('フォロワー数', '取引に関連付けられたフォロワーの数。'),
  email_messages_count: label('電子メール メッセージ数', '取引に関連付けられた電子メール メッセージの数。'),
  activities_count: label('活動数', '取引に関連付けられた活動の数。'),
  done_activities_count: label('完了した活動数', '取引に関連付けられた完了した活動の数。'),
  undone_activities_count: label('未完了の活動数', '取引に関連付けられた未完了の活動の数。'),
  reference_activities_count: label('参照した活動数', '取引に関連付けられた参照した活動の数。'),
  participants_count: label('参加者数', '取引に関連付けられた参加者の数。'),
  expected_close_date: label('終了予定日', 'yyyy-MM-dd'),
  next_activity_subject: label('次の活動の情報カテゴリ', '取引に関連付けられている次の活動の情報カテゴリ。'),
  next_activity_type: label('次の活動の種類', '取引に関連付けられている次の活動の種類。'),
  next_activity_duration: label('次の活動期間', '取引に関連付けられている次の活動の期間。'),
  next_activity_note: label('次の活動メモ', '取引に関連付けられている次の活動のメモ'),
}

const list = (records: string) => label('レコード', `ドロップダウンに表示する${records}。`)
const listed = { id: label('ID', 'レコードの ID。'), name: label('件名', 'レコードの名前。') }

/** What users read in Japanese. Titles and descriptions are the contract's own, its odd words included. */
export const ja: Locale = {
  info: {
    title: 'Pipedrive',
    description: 'Pipedrive の取引、活動、ステージを取得、追加、更新し、新しいレコードが追加されたときにフローを開始します。',
  },
  connection: { api_key: label('API キー', 'API キー') },
  request: { body: label('本文', '要求のフィールド。') },
  responses: {
    success: '操作に成功しました。',
    nothingNew: '前回のポーリング以降、新しいレコードはありません。',
    failure: '操作に失敗しました。',
  },
  operations: {
    GetStage: {
      ...label('ID でステージを取得する', 'この操作は、特定のステージに関するデータを返します。'),
      parameters: { stageId: label('ステージ ID', 'ステージ ID') },
    },
    GetDeal: {
      ...label('ID で取引を取得する', 'この操作は、ID を指定して、既存の取引のすべての詳細を取得します。'),
      parameters: { dealId },
    },
    AddDealV2: {
      ...label('取引を追加する (V2) (プレビュー)', 'この操作により、承認されたアカウントの新しい取引が作成されます。'),
      parameters: { ...newDeal, pipeline_id },
    },
    AddDeal: {
      ...label('取引を追加する [非推奨]', 'この操作により、承認されたアカウントの新しい取引が作成されます。'),
      deprecation: 'このアクションは非推奨になりました。 代わりに 取引を追加する (V2) を使用してください。',
      parameters: newDeal,
    },
    UpdateDealStageV2: {
      ...label(
        '取引ステージを更新する (V2) (プレビュー)',
        'この操作は、ID を指定して、取引に関連付けられたステージを更新するために使用されます。',
      ),
      parameters: { dealId, pipeline_id, stage_id, expected_close_date },
    },
    UpdateDealStage: {
      ...label('取引ステージを更新する [非推奨]', 'この操作は、ID を指定して、取引に関連付けられたステージを更新するために使用されます。'),
      deprecation: 'このアクションは非推奨になりました。 代わりに 取引ステージを更新する (V2) を使用してください。',
      parameters: { dealId, stage_id, expected_close_date },
    },
    UpdateDealStatus: {
      ...label('取引ステータスを更新する', 'この操作は、ID を指定して、取引に関連付けられたステータスを更新するために使用されます。'),
      parameters: { dealId, status, lost_reason: label('失注の理由', '取引が失注した理由についてのメッセージ。') },
    },
    AddActivity: {
      ...label('活動を追加する', 'この操作は、承認されたアカウントの新しい活動を作成するために使用されます。'),
      parameters: {
        type: label('タイプ', '活動タイプ。'),
        subject: label('情報カテゴリ', '活動の情報カテゴリ。'),
        due_date: label('期日', 'YYYY-MM-DD'),
        due_time: label('期限時刻', 'HH:MM'),
        duration: label('時間', 'HH:MM'),
        note: label('メモ', '活動についてのメモ。'),
        user_id: label('割り当て先', '活動が割り当てられるユーザーの ID。'),
        deal_id: label('取引 ID', '活動が関連付けられる取引の ID。'),
        person_id: label('取引先担当者 ID', '活動が関連付けられる人の ID。'),
        org_id: label('組織 ID', '活動が関連付けられる組織の ID。'),
      },
    },
    TrigNewDealV2: {
      ...label('新しい取引が追加されたとき (V2) (プレビュー)', '新しい取引が承認された取引担当者に追加されたときにトリガーされます (V2)。'),
      parameters: {},
    },
    TrigNewDeal: {
      ...label('新しい取引が追加されたとき [非推奨]', '新しい取引が承認された取引担当者に追加されたときにトリガーされます。'),
      deprecation: 'このアクションは非推奨になりました。 代わりに、新しい取引が作成されたとき (V2) を使用してください。',
      parameters: {},
    },
    TrigNewActivity: {
      ...label('新しい活動が追加されたとき', '新しい活動が承認された取引担当者に追加されたときにトリガーされます。'),
      parameters: {},
    },
    ListDeals: { ...label('取引を一覧表示する', 'この操作は、取引のタイトルを一覧表示します。'), parameters: {} },
    ListPipelines: { ...label('パイプラインを一覧表示する', 'この操作は、パイプラインの名前を一覧表示します。'), parameters: {} },
    ListStages: {
      ...label('ステージを一覧表示する', 'この操作は、指定したパイプライン、またはすべてのステージを一覧表示します。'),
      parameters: { pipeline_id },
    },
    ListPersons: { ...label('取引先担当者を一覧表示する', 'この操作は、取引先担当者の名前を一覧表示します。'), parameters: {} },
    ListOrganizations: { ...label('組織を一覧表示する', 'この操作は、組織の名前を一覧表示します。'), parameters: {} },
    ListActivityTypes: { ...label('活動タイプを一覧表示する', 'この操作は、活動に設定できるタイプを一覧表示します。'), parameters: {} },
    ListCurrencies: { ...label('通貨を一覧表示する', 'この操作は、取引に設定できる通貨を一覧表示します。'), parameters: {} },
  },
  definitions: {
    DealResponse: { ...deal, stage_name: label('ステージ名', '取引がパイプラインに配置されるステージの名前') },
    DealResponseV2: deal,
    ActivityResponse: {
      id: label('活動 ID', '活動の一意 ID。'),
      user_id: label('ユーザー ID', '活動が割り当てられているユーザーの ID。'),
      done: label('完了している', '0 = 未完了、1 = 完了'),
      type: label('タイプ', '活動のタイプ。'),
      due_date: label('期日', 'YYYY-MM-DD'),
      due_time: label('期限時刻', 'HH:MM'),
      duration: label('時間', 'HH:MM'),
      subject: label('情報カテゴリ', '活動の情報カテゴリ。'),
      deal_id: label('取引 ID', '活動が関連付けられている取引の ID。'),
      deal_title: label('取引タイトル', '活動が関連付けられている取引のタイトル。'),
      org_id: label('組織 ID', '活動が関連付けられている組織の ID。'),
      org_name: label('組織名', '活動が関連付けられている組織の名前。'),
      person_id: label('取引先担当者 ID', '活動が関連付けられている人の ID。'),
      person_name: label('取引先担当者名', '活動が関連付けられている人の名前。'),
      add_time: label('作成日時', timeFormat),
      update_time: label('日時を更新する', timeFormat),
      marked_as_done_time: label('完了した日時', timeFormat),
      gcal_event_id: label('Google Calendar のイベント ID', 'Google Calendar のイベントの ID。'),
      google_calendar_id: label('Google Calendar ID', 'Google Calendar の ID。'),
      note: label('メモ', '活動のメモ (HTML 形式)。'),
      assigned_to_user_id: label('割り当て先', '活動が割り当てられているユーザーのユーザー ID。'),
      created_by_user_id: label('作成者', '活動を作成したユーザーのユーザー ID。'),
      owner_name: label('所有者名', '活動の所有者の名前。'),
    },
    StageResponse: { id: label('ステージ ID', 'ステージ ID'), name: label('ステージ名', 'ステージ名') },
    ListDealsResponse: { data: list('取引'), 'data.id': deal.id, 'data.title': deal.title },
    ListPipelinesResponse: { data: list('パイプライン'), 'data.id': listed.id, 'data.name': listed.name },
    ListStagesResponse: { data: list('ステージ') },
    ListPersonsResponse: { data: list('取引先担当者'), 'data.id': listed.id, 'data.name': listed.name },
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
  },
}
