// Package clouds tests stores that package gocloud opens in Google Cloud Storage and in
// Azure Blob Storage. It is a module of its own, so that users of package gocloud do
// not inherit the SDKs of these providers.
package clouds
