"""The part of GitHub's GraphQL schema that the hub serves (https://docs.github.com/en/graphql/reference)."""

from __future__ import annotations

from graphql import build_schema

SCHEMA = build_schema("""
scalar GitObjectID
scalar GitRefname
scalar Base64String
scalar URI
scalar DateTime
scalar BigInt

type Query { viewer: User! repository(owner: String!, name: String!): Repository }
interface Actor { login: String! }
type User implements Actor { login: String! }
type Bot implements Actor { login: String! }
type Repository {
  id: ID!
  nameWithOwner: String!
  ref(qualifiedName: String!): Ref
  defaultBranchRef: Ref
  object(expression: String): GitObject
  issue(number: Int!): Issue
  pullRequest(number: Int!): PullRequest
  squashMergeAllowed: Boolean!
  mergeCommitAllowed: Boolean!
  rebaseMergeAllowed: Boolean!
  autoMergeAllowed: Boolean!
  deleteBranchOnMerge: Boolean!
  viewerPermission: RepositoryPermission
  deployments(environments: [String!], first: Int, orderBy: DeploymentOrder): DeploymentConnection!
}
enum RepositoryPermission { ADMIN MAINTAIN READ TRIAGE WRITE }
type Ref { id: ID! name: String! prefix: String! target: GitObject refUpdateRule: RefUpdateRule }
type RefUpdateRule {
  pattern: String!
  allowsDeletions: Boolean!
  allowsForcePushes: Boolean!
  requiredApprovingReviewCount: Int
  requiredStatusCheckContexts: [String]
  requiresConversationResolution: Boolean!
  viewerCanPush: Boolean!
}
interface GitObject { oid: GitObjectID! }
type Commit implements GitObject {
  id: ID!
  oid: GitObjectID!
  url: URI!
  message: String!
  statusCheckRollup: StatusCheckRollup
}
type StatusCheckRollup {
  id: ID!
  state: StatusState!
  contexts(first: Int, last: Int): StatusCheckRollupContextConnection!
}
enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
type StatusCheckRollupContextConnection {
  nodes: [StatusCheckRollupContext]
  totalCount: Int!
  checkRunCount: Int!
  pageInfo: PageInfo!
}
union StatusCheckRollupContext = CheckRun
type CheckRun {
  id: ID!
  databaseId: Int
  name: String!
  externalId: String
  status: CheckStatusState!
  conclusion: CheckConclusionState
  title: String
  summary: String
  text: String
  detailsUrl: URI
  permalink: URI!
  isRequired(pullRequestNumber: Int): Boolean!
  annotations(first: Int, last: Int): CheckAnnotationConnection
}
enum CheckStatusState { COMPLETED IN_PROGRESS PENDING QUEUED REQUESTED WAITING }
enum CheckConclusionState {
  ACTION_REQUIRED CANCELLED FAILURE NEUTRAL SKIPPED STALE STARTUP_FAILURE SUCCESS TIMED_OUT
}
type CheckAnnotationConnection { nodes: [CheckAnnotation] totalCount: Int! pageInfo: PageInfo! }
type CheckAnnotation {
  path: String!
  location: CheckAnnotationSpan!
  annotationLevel: CheckAnnotationLevel
  title: String
  message: String!
  rawDetails: String
}
type CheckAnnotationSpan { start: CheckAnnotationPosition! end: CheckAnnotationPosition! }
type CheckAnnotationPosition { line: Int! column: Int }
enum CheckAnnotationLevel { FAILURE NOTICE WARNING }
type Blob implements GitObject { oid: GitObjectID! byteSize: Int! isBinary: Boolean isTruncated: Boolean! text: String }
type Tree implements GitObject { oid: GitObjectID! entries: [TreeEntry!] }
type TreeEntry { name: String! type: String! mode: Int! object: GitObject }
type Issue {
  id: ID!
  locked: Boolean!
  number: Int!
  title: String!
  body: String!
  author: Actor
  state: IssueState!
  url: URI!
  labels(first: Int): LabelConnection
  comments(first: Int): IssueCommentConnection!
  lastEditedAt: DateTime
  editor: Actor
  timelineItems(first: Int, last: Int, itemTypes: [IssueTimelineItemsItemType!]): IssueTimelineItemsConnection!
}
enum IssueTimelineItemsItemType { RENAMED_TITLE_EVENT }
type IssueTimelineItemsConnection { nodes: [IssueTimelineItems] totalCount: Int! pageInfo: PageInfo! }
union IssueTimelineItems = RenamedTitleEvent
type RenamedTitleEvent { actor: Actor createdAt: DateTime! currentTitle: String! previousTitle: String! }
enum IssueState { CLOSED OPEN }
type PullRequest {
  id: ID!
  number: Int!
  title: String!
  body: String!
  author: Actor
  state: PullRequestState!
  url: URI!
  isDraft: Boolean!
  headRefName: String!
  headRefOid: GitObjectID!
  headRef: Ref
  baseRefName: String!
  baseRef: Ref
  merged: Boolean!
  mergedBy: Actor
  mergeCommit: Commit
  mergeable: MergeableState!
  mergeStateStatus: MergeStateStatus!
  statusCheckRollup: StatusCheckRollup
  reviewDecision: PullRequestReviewDecision
  autoMergeRequest: AutoMergeRequest
  isMergeQueueEnabled: Boolean!
  isInMergeQueue: Boolean!
  viewerCanEnableAutoMerge: Boolean!
  viewerCanUpdateBranch: Boolean!
  reviewRequests(first: Int): ReviewRequestConnection
  reviews(first: Int, last: Int, states: [PullRequestReviewState!], author: String): PullRequestReviewConnection
  reviewThreads(first: Int, last: Int): PullRequestReviewThreadConnection!
}
enum PullRequestState { CLOSED MERGED OPEN }
enum MergeableState { CONFLICTING MERGEABLE UNKNOWN }
enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
enum PullRequestMergeMethod { MERGE REBASE SQUASH }
enum DiffSide { LEFT RIGHT }
enum CommentAuthorAssociation { COLLABORATOR CONTRIBUTOR MEMBER NONE OWNER }
type AutoMergeRequest { enabledBy: Actor mergeMethod: PullRequestMergeMethod! }
type ReviewRequestConnection { nodes: [ReviewRequest] totalCount: Int! }
type ReviewRequest { requestedReviewer: RequestedReviewer }
union RequestedReviewer = Bot | User
type PageInfo { hasNextPage: Boolean! endCursor: String }
type PullRequestReviewConnection { nodes: [PullRequestReview] totalCount: Int! pageInfo: PageInfo! }
type PullRequestReview {
  id: ID!
  fullDatabaseId: BigInt
  author: Actor
  authorAssociation: CommentAuthorAssociation!
  body: String!
  state: PullRequestReviewState!
  commit: Commit
  submittedAt: DateTime
  url: URI!
  comments(first: Int): PullRequestReviewCommentConnection!
}
type PullRequestReviewCommentConnection { nodes: [PullRequestReviewComment] totalCount: Int! pageInfo: PageInfo! }
type PullRequestReviewComment {
  id: ID!
  fullDatabaseId: BigInt
  author: Actor
  authorAssociation: CommentAuthorAssociation!
  body: String!
  path: String!
  diffHunk: String!
  line: Int
  originalLine: Int
  startLine: Int
  originalStartLine: Int
  outdated: Boolean!
  commit: Commit
  originalCommit: Commit
  replyTo: PullRequestReviewComment
  pullRequestReview: PullRequestReview
  createdAt: DateTime!
  url: URI!
}
type PullRequestReviewThreadConnection { nodes: [PullRequestReviewThread] totalCount: Int! pageInfo: PageInfo! }
type PullRequestReviewThread {
  id: ID!
  isResolved: Boolean!
  isOutdated: Boolean!
  path: String!
  line: Int
  originalLine: Int
  startLine: Int
  originalStartLine: Int
  diffSide: DiffSide!
  resolvedBy: User
  viewerCanResolve: Boolean!
  viewerCanReply: Boolean!
  comments(first: Int): PullRequestReviewCommentConnection!
}
type LabelConnection { nodes: [Label] }
type Label { name: String! }
type IssueCommentConnection { totalCount: Int! }
type DeploymentConnection { nodes: [Deployment] }
type Deployment { commitOid: String! environment: String latestStatus: DeploymentStatus }
type DeploymentStatus { state: DeploymentStatusState! environmentUrl: URI description: String }
enum DeploymentStatusState { ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
enum DeploymentOrderField { CREATED_AT }
enum OrderDirection { ASC DESC }
input DeploymentOrder { direction: OrderDirection! field: DeploymentOrderField! }

type Mutation {
  createRef(input: CreateRefInput!): CreateRefPayload
  updateRefs(input: UpdateRefsInput!): UpdateRefsPayload
  createCommitOnBranch(input: CreateCommitOnBranchInput!): CreateCommitOnBranchPayload
  enablePullRequestAutoMerge(input: EnablePullRequestAutoMergeInput!): EnablePullRequestAutoMergePayload
  disablePullRequestAutoMerge(input: DisablePullRequestAutoMergeInput!): DisablePullRequestAutoMergePayload
  enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload
  dequeuePullRequest(input: DequeuePullRequestInput!): DequeuePullRequestPayload
  deleteIssue(input: DeleteIssueInput!): DeleteIssuePayload
  resolveReviewThread(input: ResolveReviewThreadInput!): ResolveReviewThreadPayload
  unresolveReviewThread(input: UnresolveReviewThreadInput!): UnresolveReviewThreadPayload
}
input EnablePullRequestAutoMergeInput {
  clientMutationId: String
  commitBody: String
  commitHeadline: String
  expectedHeadOid: GitObjectID
  mergeMethod: PullRequestMergeMethod = MERGE
  pullRequestId: ID!
}
type EnablePullRequestAutoMergePayload { clientMutationId: String actor: Actor pullRequest: PullRequest }
input DisablePullRequestAutoMergeInput { clientMutationId: String pullRequestId: ID! }
type DisablePullRequestAutoMergePayload { clientMutationId: String actor: Actor pullRequest: PullRequest }
input EnqueuePullRequestInput { clientMutationId: String expectedHeadOid: GitObjectID jump: Boolean pullRequestId: ID! }
type EnqueuePullRequestPayload { clientMutationId: String mergeQueueEntry: MergeQueueEntry }
input DequeuePullRequestInput { clientMutationId: String id: ID! }
type DequeuePullRequestPayload { clientMutationId: String mergeQueueEntry: MergeQueueEntry }
type MergeQueueEntry { id: ID! pullRequest: PullRequest }
input DeleteIssueInput { clientMutationId: String issueId: ID! }
type DeleteIssuePayload { clientMutationId: String repository: Repository }
input ResolveReviewThreadInput { clientMutationId: String threadId: ID! }
type ResolveReviewThreadPayload { clientMutationId: String thread: PullRequestReviewThread }
input UnresolveReviewThreadInput { clientMutationId: String threadId: ID! }
type UnresolveReviewThreadPayload { clientMutationId: String thread: PullRequestReviewThread }
input CreateRefInput { clientMutationId: String name: String! oid: GitObjectID! repositoryId: ID! }
type CreateRefPayload { clientMutationId: String ref: Ref }
input UpdateRefsInput { clientMutationId: String refUpdates: [RefUpdate!]! repositoryId: ID! }
input RefUpdate { afterOid: GitObjectID! beforeOid: GitObjectID force: Boolean = false name: GitRefname! }
type UpdateRefsPayload { clientMutationId: String }
input CreateCommitOnBranchInput {
  branch: CommittableBranch!
  clientMutationId: String
  expectedHeadOid: GitObjectID!
  fileChanges: FileChanges
  message: CommitMessage!
}
input CommittableBranch { branchName: String id: ID repositoryNameWithOwner: String }
input CommitMessage { body: String = "" headline: String! }
input FileChanges { additions: [FileAddition!] = [] deletions: [FileDeletion!] = [] }
input FileAddition { contents: Base64String! path: String! }
input FileDeletion { path: String! }
type CreateCommitOnBranchPayload { clientMutationId: String commit: Commit ref: Ref }
""")
