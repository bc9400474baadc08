import { beforeEach, test } from "node:test";
import assert from "node:assert";
import { S3Client, PutObjectCommand, ListObjectsV2Command, GetObjectAttributesCommand, GetObjectCommand } from "@aws-sdk/client-s3";

const url = process.env.AWS_ENDPOINT_URL;
const s3 = new S3Client({ endpoint: url, forcePathStyle: true });
beforeEach(() => fetch(`${url}/_/snapshots/start/restore`, { method: "POST" }));

// Each test finds the endpoint as it was at the start.
for (const n of ["1", "2"]) test("upload " + n, async () => {
  const before = await s3.send(new ListObjectsV2Command({ Bucket: "photos" }));
  assert.equal(before.KeyCount, 0);
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: n }));
  const out = await s3.send(new GetObjectCommand({ Bucket: "photos", Key: "a" }));
  assert.equal(await out.Body.transformToString(), n);
  const at = await s3.send(new GetObjectAttributesCommand({ Bucket: "photos", Key: "a", ObjectAttributes: ["ETag", "ObjectSize"] }));
  assert.equal(at.ObjectSize, 1);
});
