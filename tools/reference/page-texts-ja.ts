import type { PageTexts } from './page-texts.ts'

const OUTSIDE_POWER_PLATFORM = ['米国政府 (GCC)', '米国政府 (GCC High)', '21Vianet が運用する中国のクラウド', '国防総省 (DoD)']
const code = (text: string): string => `\`${text}\``

/** What the Japanese reference page says. */
export const pageTextsJa: PageTexts = {
  language: 'ja',
  title: 'Pipedrive: コネクタのリファレンス',
  languages: '[English](reference.en.md) · **日本語**',
  intro:
    'コネクタのすべての操作を、パラメーター、応答、料金とともに示します。このページは、サーバーが実際に使うカタログから生成されています。使い始めるまでの手順とエラーの意味は [README](../README.md) (英語) にあります。',
  preview: '(プレビュー)',
  gap: '',
  headings: {
    products: '製品と領域',
    connection: '接続の作成',
    limits: '調整の制限',
    tokens: 'トークンによる料金',
    actions: 'アクション',
    triggers: 'トリガー',
    instant: '即時トリガー',
    lookups: 'ドロップダウンの一覧',
    definitions: '定義',
  },
  columns: {
    service: 'サービス',
    class: 'クラス',
    regions: '領域',
    name: '名前',
    key: 'キー',
    required: '必須',
    type: '型',
    description: '説明',
    path: 'パス',
    source: 'API v2 での出どころ',
    target: 'API v2 での項目',
    scope: '適用対象',
    sharing: '共有',
    calls: '呼び出し',
    seconds: '更新期間',
    operation: '操作',
    request: 'Pipedrive への要求',
  },
  products: {
    rows: [
      { service: 'Logic Apps', class: '標準', except: ['Azure 政府の地域', 'Azure 中国の地域', '国防総省 (DoD)'] },
      { service: 'Power Automate', class: 'プレミアム', except: OUTSIDE_POWER_PLATFORM },
      { service: 'Power Apps', class: 'プレミアム', except: OUTSIDE_POWER_PLATFORM },
      { service: 'Copilot Studio', class: 'プレミアム', except: OUTSIDE_POWER_PLATFORM },
    ],
    regions: (service, except) => `次を除く ${service} のすべての領域: ${except.join('、')}`,
    ours: 'これは、同じ操作を持つ認定コネクタを Microsoft が提供している範囲です。Dealbridge はカスタム コネクタなので、領域に縛られません。カスタム コネクタを使えて、そこからサーバーに届くところなら、どこでも使えます。Power Automate と Power Apps では、カスタム コネクタにもプレミアム ライセンスが必要です。政府向けクラウドと中国のクラウドでは、まだ試していません。',
    facts: [
      ['発行元', 'Dealbridge (独立したプロジェクトで、Pipedrive とも Microsoft とも関係ありません)'],
      ['Web サイト', 'https://www.pipedrive.com/'],
      ['プライバシー ポリシー', 'https://www.pipedrive.com/privacy'],
    ],
  },
  connection: {
    intro: '接続を作成するときに入力するものです。',
    name: '既定',
    scope: 'すべての領域',
    sharing: '共有不可',
    sharingOfOurs:
      '「共有不可」は認定コネクタについて言えることです。API キーを使うカスタム コネクタの接続は、それを使う Power Apps のアプリを共有すると、一緒に共有されることがあります。Pipedrive のキーを渡さずに、ユーザーごとに[接続キー](../docs/connections.md)を用意してください。',
    basic:
      'オンプレミス データ ゲートウェイでは API キーを使えません。ゲートウェイを通すときは、同じキーを HTTP 基本認証のパスワードとして送ります。',
  },
  limits: {
    intro:
      '制限を超えた呼び出しには 429 が返り、いつ再試行すればよいかを `Retry-After` が示します。1 つ目の制限は、サーバーの管理者が `--calls-per-minute` で変えられます。',
    calls: '接続ごとの API 呼び出し',
    polls: 'トリガー ポーリングの頻度',
    seconds: (count) => `${count} 秒`,
  },
  tokens: {
    intro: [
      'Pipedrive は会社ごとに 1 日分の API トークンを割り当て、要求のたびに差し引きます。以下の料金は、すべてのパラメーターを指定し、取引先担当者、組織、所有者、活動と関連付けられたレコードを使って測ったものです。関連付けが少なければ安くなり、ほかにも関連付けがある場合や、一覧が何ページにもわたる場合は高くなります。',
      '**初回**は、そのアカウントについてまだ何も読んでいないときの料金です。**2 回目**は、直後に同じ呼び出しをしたときの料金です。ユーザー、ステージ、パイプライン、活動タイプ、通貨の名前は 6 時間、取引先担当者と組織の名前は 1 分間、サーバーが覚えています。トリガーは 2 分ごとにポーリングされます。**監視開始**はフローが監視を始めるときのポーリング、**新着なし**は何も見つからなかったポーリング、ほかの 2 つは新しいレコードが 1 件見つかったポーリングです。',
      '実際にかかった料金は、応答の `x-dealbridge-token-cost` ヘッダーに示されます。',
    ],
    situations: { start: '監視開始', idle: '新着なし', first: '初回', again: '2 回目' },
    total: '合計',
    nothing: '–',
    variant: (key, value, tokens) => `${key} に ${value} を指定したときは、初回の料金が ${tokens} になります。`,
  },
  sections: {
    actions: 'アクションは、フローの 1 つのステップとして実行されます。',
    triggers:
      'トリガーはフローを開始します。定期的にポーリングされ、前回のポーリングより後に作成されたレコードや、変化のあったレコードを返します。最初のポーリングより前のことは返しません。変化のトリガーは、ポーリングした時点のレコードを見ます。ポーリングの間に何度か起きたことは 1 回と数え、それまでに取り消されたことやアーカイブは検出されません。Pipedrive では受注や失注の日時を人が指定できますが、前回のポーリングより前の日時が指定された取引は検出されません。作成から 1 秒以内の変更は、作成の一部とみなします。フィルターは、その時点のレコードと比べられます。活動のトリガーは、所有者を選ばないかぎり、キーのユーザーの活動を返します。サーバーの `--activities all` で変えられます。',
    instant:
      '即時トリガーは、Pipedrive がイベントを知らせるとすぐにフローを開始します。ポーリングはされません。ホストがコールバックを登録すると、イベントごとに 1 件のレコードがそこに送られます。登録には 201 が返り、その `Location` に DELETE を送ると登録が終わります。どちらもホストが自動的に行います。コールバックの形、保証されること、トークンの消費量は[即時トリガーのページ](../docs/triggers.md)（英語）にあります。',
    lookups:
      '一覧は、ほかの操作のドロップダウンに値を用意します。デザイナーが呼び出すもので、デザイナーの画面には現れませんが、HTTP ではほかの操作と同じように呼び出せます。取引、取引先担当者、組織については、最近変更された 500 件を返します。毎回 Pipedrive から読み直しますが、ユーザー、活動タイプ、通貨を読み直すのは 1 分に 1 回までです。ドロップダウンがあるところでも、値を直接入力できます。',
    definitions:
      '操作が返すものです。値のない項目は省かれず、`null` になります。関連付けられたレコードがなければ、そのオブジェクト全体が `null` です。削除されたレコードの扱いは 1 つです。Pipedrive が返すあいだは、ほかのレコードと同じように、名前とともに返します。その後は、ユーザーに見えないレコードと同じです。レコード自体は 404 になり、関連付けには ID だけが残って名前はありません。関連付けられたレコードを読み取れないときも名前は `null` になり、ヘッダー `x-dealbridge-incomplete` がその種類を示します。Pipedrive の仕様と型が違う値は `null` になり、サーバーのログに記録されます。',
  },
  operation: {
    parameters: 'パラメーター',
    noParameters: 'この操作にパラメーターはありません。',
    alsoTaken: (names) =>
      `このほかに、本文で ${names.join('、')} を受け取ります。カスタム項目も、40 文字のキーで受け取ります。これらは画面には表示されませんが、HTTP で送ることができます。`,
    returns: '戻り値',
    list: (definition) => `${definition} の一覧。新しいレコードがなければ、本文のない状態コード 202。`,
    sent: '各コールバックの内容',
    oneOf: (values) => `${values.join('、')} のいずれか。`,
    choices: (lookup) => `${lookup} から選びます。`,
    yes: 'True',
  },
  field: {
    orNull: (type) => `${type} または null`,
    listOf: (definition) => `${definition} の一覧。`,
    usedBy: (operations) => `この定義を返す操作: ${operations.join('、')}`,
    sentBy: (operations) => `この定義を送る操作: ${operations.join('、')}`,
    beyond: (definition) => `${definition} のすべてと、次のもの:`,
    changes: {
      changed: '変更の前後で異なるもの。ここに示されない項目は API v2 での名前',
      previous: 'Webhook の `previous`、またはそれまでに知られていたレコードの値',
    },
    included: (field) => `${code(field)} (\`include_fields\` で要求)`,
    linked: (fields, linked, by) => `${by} が指す${linked}の ${fields.join('、')}`,
    includedLink: (by) => `${code(by)} (\`include_fields\` で要求)`,
    kinds: { user: 'ユーザー', person: '人', organization: '組織', stage: 'ステージ', activity: '活動', deal: '取引' },
    constant: (value, note) => `常に ${value}。${note}`,
    removedUpstream: (note) => `なし。常に \`null\`。${note}`,
  },
}
