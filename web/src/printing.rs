//! Components as text, on the host.

/// Renders a component on the host; `hydratable` adds the marks that bringing it to life needs.
pub(crate) fn print<C>(props: C::Properties, hydratable: bool) -> String
where
    C: yew::BaseComponent,
    C::Properties: Send + 'static,
{
    futures::executor::block_on(
        yew::LocalServerRenderer::<C>::with_props(props)
            .hydratable(hydratable)
            .render(),
    )
}
