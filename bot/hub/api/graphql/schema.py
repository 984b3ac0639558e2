"""The part of GitHub's GraphQL schema that the hub serves (https://docs.github.com/en/graphql/reference)."""

from __future__ import annotations

from graphql import build_schema

SCHEMA = build_schema("""
scalar GitObjectID
scalar Base64String
scalar URI

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
  deployments(environments: [String!], first: Int, orderBy: DeploymentOrder): DeploymentConnection!
}
type Ref { id: ID! name: String! prefix: String! target: GitObject }
interface GitObject { oid: GitObjectID! }
type Commit implements GitObject { id: ID! oid: GitObjectID! url: URI! message: String! }
type Blob implements GitObject { oid: GitObjectID! byteSize: Int! isBinary: Boolean isTruncated: Boolean! text: String }
type Tree implements GitObject { oid: GitObjectID! entries: [TreeEntry!] }
type TreeEntry { name: String! type: String! mode: Int! object: GitObject }
type Issue {
  number: Int!
  title: String!
  body: String!
  author: Actor
  state: IssueState!
  url: URI!
  labels(first: Int): LabelConnection
  comments(first: Int): IssueCommentConnection!
}
enum IssueState { CLOSED OPEN }
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
  createCommitOnBranch(input: CreateCommitOnBranchInput!): CreateCommitOnBranchPayload
}
input CreateRefInput { clientMutationId: String name: String! oid: GitObjectID! repositoryId: ID! }
type CreateRefPayload { clientMutationId: String ref: Ref }
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
