package main

import (
	"dozvon/app"

	"github.com/spf13/cobra"
)

func (p program) serveCommand() *cobra.Command {
	o := app.ServeOptions{Env: p.env, Version: version, OwnThreads: p.ownThreads}
	c := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "the service: campaigns from the configuration, an API for pushed leads, deliveries",
		Long: `Runs the campaigns of the configuration, takes leads over the API and delivers
events. A pushed lead whose window is open is dialled at once. Ctrl-C ends
every call and stops; the next start goes on where it stopped.`,
		Example: `  export SIP_PASSWORD=… CRM_TOKEN=…
  dozvon serve --config dozvon.yaml --db /var/lib/dozvon/dozvon.db --data /var/lib/dozvon`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.Serve(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr(), nil)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Config, "config", "", "configuration `FILE`, or a folder with dozvon.yaml and campaigns/NAME.yaml (required; see docs/configuration.md)")
	f.StringVar(&o.DB, "db", "dozvon.db", "database `FILE`")
	f.StringVar(&o.Data, "data", ".", "folder of recordings")
	f.StringVar(&o.Listen, "listen", "", "IP:port of the API (default: serve.listen of the configuration)")
	cobra.CheckErr(c.MarkFlagRequired("config"))
	return c
}
