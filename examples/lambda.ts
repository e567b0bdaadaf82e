/** A receiver as an AWS Lambda function, behind a function URL or an HTTP API of API Gateway: its handler is `lambda.handler` */
import { createWebhookHandler } from "copernica-webhooks";

const receive = createWebhookHandler({
  account: process.env.COPERNICA_ACCOUNT, // account_1234
  onProfileCreate: (event) => console.log(`Profile ${event.profile} created:`, JSON.stringify(event.fields)),
  onSubprofileCreate: (event) => console.log(`Subprofile ${event.subprofile} created:`, JSON.stringify(event.fields)),
});

/** The part of an event of Lambda's that is used. */
interface HttpEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: { readonly domainName: string; readonly http: { readonly method: string } };
}

export async function handler({ rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext }: HttpEvent) {
  const query = rawQueryString === "" ? "" : `?${rawQueryString}`;
  const response = await receive(
    new Request(`https://${requestContext.domainName}${rawPath}${query}`, {
      method: requestContext.http.method,
      headers,
      body: body === undefined ? null : Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
    }),
  );
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
